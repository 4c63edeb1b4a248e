/**
 * What the operating system answered. Node's errors of this kind, and a few of its own, carry a `code`; everything else
 * that is thrown is a mistake of ours and has none. `instanceof Error` is not asked, because it is false for errors
 * of another realm (a test runner's).
 */

/** The errno name (ENOENT, ENOSPC, …) of a thrown value, or Node's own code (ERR_…), or '' if it has none. */
export function errnoOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** The path that an operating system error is about, if it says so. */
export function pathOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('path' in error)) return undefined;
  return typeof error.path === 'string' ? error.path : undefined;
}

/** Whether a thrown value came from the operating system (as opposed to a mistake of ours). */
export function isSystemError(error: unknown): boolean {
  return (
    /^E[A-Z0-9]+$/.test(errnoOf(error)) && typeof error === 'object' && error !== null && 'syscall' in error
  );
}
