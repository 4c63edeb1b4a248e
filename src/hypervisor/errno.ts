/**
 * Error numbers as Xen returns them, negated, from its hypercalls. Source: xen/include/public/errno.h.
 */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  E2BIG: 7,
  EAGAIN: 11,
  ENOMEM: 12,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
  ENOSPC: 28,
  ERANGE: 34,
  ENOSYS: 38,
  ENODATA: 61,
  EOVERFLOW: 75,
  EOPNOTSUPP: 95,
  ENOBUFS: 105,
} as const;

export type ErrnoName = keyof typeof Errno;

/** `EINVAL` for -22; `errno 200` for a number without a name; `0` for success. */
export function errnoName(rc: number): string {
  if (rc === 0) return '0';
  const found = Object.entries(Errno).find(([, value]) => value === Math.abs(rc));
  return found?.[0] ?? `errno ${String(Math.abs(rc))}`;
}

/** Why a hypercall of the model ends early; caught where the hypercall was entered. */
export class XenError extends Error {
  constructor(
    readonly errno: ErrnoName,
    /** What was wrong, for people; where the release does not print it, nobody else says so. */
    readonly why?: string,
  ) {
    super(errno);
  }

  /** What the hypercall returns. */
  get rc(): number {
    return -Errno[this.errno];
  }
}
