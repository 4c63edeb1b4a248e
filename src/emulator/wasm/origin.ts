/** What lazy flags come from, as far as it is known at translation time. */
import type { LazyKind, Width } from '../ir.js';
import { Lazy } from '../state.js';

/** What flags come from; `plain`: the result is just the sum or difference, without a carry that came in. */
export interface Origin {
  readonly kind: LazyKind | 'result' | 'none';
  readonly width: Width;
  readonly plain: boolean;
}

export type Known = Origin | 'unknown';

/** All flags are in rflags. */
export const SETTLED: Origin = { kind: 'none', width: 8, plain: false };
const WIDTH_CODES: Readonly<Record<Width, number>> = { 1: 0, 8: 0, 16: 1, 32: 2, 64: 3 };

export function sameOrigin(a: Known, b: Known): boolean {
  if (a === 'unknown' || b === 'unknown') return a === b;
  return a.kind === b.kind && a.width === b.width && a.plain === b.plain;
}

/** As CpuState has it beside the operands. */
export function originCode({ kind, width }: Origin): number {
  return (Lazy[kind] << 2) | WIDTH_CODES[width];
}
