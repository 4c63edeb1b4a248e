/**
 * The small language in which the semantics of instructions are written, once for every way to run them: pure
 * typed expressions, and statements that load, store, assign, raise and jump.
 *
 * Widths are 1, 8, 16, 32 and 64 bits; a truth value has width 1. Values are unsigned, an operation wraps at its
 * width, and the count of a shift is of any width but must be less than the width of what it shifts. A vector
 * register is two halves of 64 bits. What an instruction's bytes bring in (immediates, displacements, register
 * numbers) is marked, so that code generated for one instruction serves all of its shape.
 */
export type Width = 1 | 8 | 16 | 32 | 64;

export type BinaryKind = 'add' | 'sub' | 'mul' | 'and' | 'or' | 'xor' | 'shl' | 'shr' | 'sar';

export type CompareKind = 'eq' | 'ne' | 'ult' | 'slt';
export type FlagName = 'cf' | 'pf' | 'af' | 'zf' | 'sf' | 'of' | 'df';

export type Expr =
  | { readonly op: 'const'; readonly width: Width; readonly value: bigint; readonly fromBytes: boolean }
  | { readonly op: 'reg'; readonly width: Width; readonly index: number }
  /** ah, ch, dh, bh. */
  | { readonly op: 'high'; readonly width: 8; readonly index: number }
  | { readonly op: 'xmm'; readonly width: 64; readonly index: number; readonly half: 0 | 1 }
  | { readonly op: 'base'; readonly width: 64; readonly segment: number }
  | { readonly op: 'temp'; readonly width: Width; readonly number: number }
  | { readonly op: 'not'; readonly width: Width; readonly a: Expr }
  | {
      readonly op: 'binary';
      readonly kind: BinaryKind;
      readonly width: Width;
      readonly a: Expr;
      readonly b: Expr;
    }
  | {
      readonly op: 'compare';
      readonly kind: CompareKind;
      readonly width: 1;
      readonly a: Expr;
      readonly b: Expr;
    }
  | { readonly op: 'select'; readonly width: Width; readonly when: Expr; readonly a: Expr; readonly b: Expr }
  | { readonly op: 'zext' | 'sext' | 'trunc'; readonly width: Width; readonly a: Expr }
  | { readonly op: 'flag'; readonly width: 1; readonly name: FlagName }
  | { readonly op: 'rflags'; readonly width: 32 };

export type LazyKind = 'add' | 'sub' | 'logic' | 'inc' | 'dec';

export type Statement =
  | { readonly st: 'let'; readonly temp: Expr & { op: 'temp' }; readonly value: Expr }
  | {
      readonly st: 'load';
      readonly temp: Expr & { op: 'temp' };
      readonly address: Expr;
      /** The instruction stores to the same place: faults as a write. */
      readonly modify: boolean;
      readonly stack: boolean;
    }
  | { readonly st: 'store'; readonly address: Expr; readonly value: Expr; readonly stack: boolean }
  | {
      readonly st: 'load128';
      readonly low: Expr & { op: 'temp' };
      readonly high: Expr & { op: 'temp' };
      readonly address: Expr;
      readonly modify: boolean;
      readonly stack: boolean;
    }
  | {
      readonly st: 'store128';
      readonly address: Expr;
      readonly low: Expr;
      readonly high: Expr;
      readonly stack: boolean;
    }
  /** Faults as a store of so many bytes would. */
  | { readonly st: 'probe'; readonly address: Expr; readonly bytes: number; readonly stack: boolean }
  /** Width 32 clears the upper half, narrower widths keep what is above. */
  | { readonly st: 'setReg'; readonly index: number; readonly value: Expr }
  | { readonly st: 'setHigh'; readonly index: number; readonly value: Expr }
  | { readonly st: 'setXmm'; readonly index: number; readonly half: 0 | 1; readonly value: Expr }
  | { readonly st: 'setBase'; readonly segment: number; readonly value: Expr }
  | {
      readonly st: 'lazy';
      readonly kind: LazyKind;
      readonly a: Expr;
      readonly b: Expr;
      readonly result: Expr;
    }
  /** SF, ZF and PF come from the result, AF becomes clear, CF and OF as given. */
  | { readonly st: 'result'; readonly result: Expr; readonly carry: Expr; readonly overflow: Expr }
  /** Works out lazy flags and sets these. */
  | { readonly st: 'setFlags'; readonly flags: readonly (readonly [FlagName, Expr])[] }
  /** Replaces the bits of rflags that are in the mask. */
  | { readonly st: 'setRflags'; readonly value: Expr; readonly mask: number }
  | { readonly st: 'raise'; readonly vector: number; readonly errorCode: number }
  | {
      readonly st: 'if';
      readonly when: Expr;
      readonly then: readonly Statement[];
      readonly else: readonly Statement[];
    }
  | { readonly st: 'jump'; readonly target: Expr }
  /** Calls what is too rare or too large for this language; its results are assigned in order. */
  | {
      readonly st: 'call';
      readonly helper: string;
      readonly args: readonly Expr[];
      readonly results: readonly (Expr & { op: 'temp' })[];
    };

/** Widths in bytes as loads and stores need them. */
export function maskOf(width: Width): bigint {
  return (1n << BigInt(width)) - 1n;
}
