/**
 * Flags that are left where they came from. A loop ends with a comparison, and at its head flags matter only to who
 * leaves for the interpreter there: at a page that is not known, once in a million rounds. What such a look needs
 * is in the registers that were compared, as long as these are what they were; so nothing is noted on the way back
 * but that it is so, and no round carries operands and result along.
 */
import type { Expr, Statement } from '../ir.js';
import type { Frame } from './frame.js';
import type { GuestInstruction } from './guest-instruction.js';
import type { FlowNode } from './liveness.js';
import { originCode, sameOrigin } from './origin.js';
import type { Origin } from './origin.js';
import { flatten, isPlain, setsFlags } from './statement-walk.js';

/** In the place of what flags come from: they are where the head of the loop knows. No origin has this number. */
export const DEFERRED = 0x100;

/** The low bits of a register, or a constant. */
type Operand = { readonly register: number } | { readonly constant: bigint };

/** Of a sum or a difference two are known, of a logical operation the result. */
export interface Deferred {
  readonly origin: Origin;
  readonly a: Operand | undefined;
  readonly b: Operand | undefined;
  readonly r: Operand | undefined;
  /** The registers that it takes, as bits. */
  readonly registers: number;
}

/** The general registers that statements write, as bits. */
export function registersWritten(statements: readonly Statement[]): number {
  let written = 0;
  for (const s of flatten(statements)) if (s.st === 'setReg' || s.st === 'setHigh') written |= 1 << s.index;
  return written;
}

/** How the flags that an instruction sets can be told from registers behind it. */
export function deferredBy(statements: readonly Statement[]): Deferred | undefined {
  const [set, ...others] = flatten(statements).filter(setsFlags);
  if (set?.st !== 'lazy' || others.length > 0 || !statements.includes(set)) return undefined;
  const definitions = new Map<number, Expr>();
  for (const s of statements) if (s.st === 'let') definitions.set(s.temp.number, s.value);
  const written = registersWritten(statements);
  const register = (index: number): Operand | undefined =>
    (written & (1 << index)) === 0 ? { register: index } : undefined;
  const operand = (e: Expr): Operand | undefined => {
    if (e.op === 'const') return { constant: e.value };
    const value = e.op === 'temp' ? definitions.get(e.number) : undefined;
    return value?.op === 'reg' && value.width === e.width ? register(value.index) : undefined;
  };
  const { kind, a, b, result } = set;
  const origin = { kind, width: result.width, plain: isPlain(set, definitions) };
  const r = writtenTo(result, statements) ?? ofItself(result, definitions, operand);
  if (kind === 'logic')
    return r === undefined ? undefined : deferred(origin, { a: undefined, b: undefined, r });
  if (!origin.plain || (kind !== 'add' && kind !== 'sub')) return undefined;
  const [left, right] = [operand(a), operand(b)];
  if (right === undefined) return undefined;
  if (left !== undefined) return deferred(origin, { a: left, b: right, r: undefined });
  return r === undefined ? undefined : deferred(origin, { a: undefined, b: right, r });
}

type Operands = Pick<Deferred, 'a' | 'b' | 'r'>;

function deferred(origin: Origin, { a, b, r }: Operands): Deferred {
  const bit = (operand?: Operand): number =>
    operand !== undefined && 'register' in operand ? 1 << operand.register : 0;
  return { origin, a, b, r, registers: bit(a) | bit(b) | bit(r) };
}

/** The register that a result goes to, when nothing else does. */
function writtenTo(result: Expr, statements: readonly Statement[]): Operand | undefined {
  const sets = flatten(statements).filter((s) => s.st === 'setReg' || s.st === 'setHigh');
  const [set] = sets;
  if (sets.length !== 1 || set.st !== 'setReg' || !statements.includes(set)) return undefined;
  const { value } = set;
  const isResult = value.op === 'temp' && result.op === 'temp' && value.number === result.number;
  return isResult ? { register: set.index } : undefined;
}

/** `x & x` and `x | x`, as `test` has it: the register itself. */
function ofItself(
  result: Expr,
  definitions: ReadonlyMap<number, Expr>,
  operand: (e: Expr) => Operand | undefined,
): Operand | undefined {
  const value = result.op === 'temp' ? definitions.get(result.number) : undefined;
  if (value?.op !== 'binary' || (value.kind !== 'and' && value.kind !== 'or')) return undefined;
  const [a, b] = [operand(value.a), operand(value.b)];
  if (a === undefined || b === undefined || !('register' in a) || !('register' in b)) return undefined;
  return a.register === b.register ? a : undefined;
}

/**
 * For each node to what the flags at its start are left by the ways back to it. `left`: what those behind each node can
 * be told from, `live`: whether they matter at its start, `order`: of the nodes.
 */
export function deferredAtStart(
  flow: readonly FlowNode[],
  left: readonly (Deferred | undefined)[],
  live: readonly boolean[],
  order: readonly number[],
): readonly (Deferred | undefined)[] {
  const found: (Deferred | undefined)[] = flow.map(() => undefined);
  flow.forEach(({ inside }, from) => {
    const atEnd = left[from];
    if (atEnd === undefined) return;
    for (const to of inside) {
      const isBack = order[to] <= order[from];
      if (isBack && live[to] && accepts(flow[to].node.instructions, atEnd)) found[to] ??= atEnd;
    }
  });
  return found;
}

/** What the flags behind instructions can be told from. */
export function deferredAtEnd(instructions: readonly GuestInstruction[]): Deferred | undefined {
  let at: Deferred | undefined;
  for (const { origin, deferred, writes } of instructions) {
    if (origin !== undefined) at = deferred;
    else if (at !== undefined && (at.registers & writes) !== 0) at = undefined;
  }
  return at;
}

export function sameDeferred(a: Deferred, b: Deferred): boolean {
  return sameOrigin(a.origin, b.origin) && (['a', 'b', 'r'] as const).every((k) => sameOperand(a[k], b[k]));
}

function sameOperand(a: Operand | undefined, b: Operand | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if ('register' in a) return 'register' in b && a.register === b.register;
  return 'constant' in b && a.constant === b.constant;
}

/** Whether all who look at flags before they are set anew only leave, and find the registers as they were. */
function accepts(instructions: readonly GuestInstruction[], { registers }: Deferred): boolean {
  let written = 0;
  for (const { asksFlags, needsFlags, setsFlags: sets, origin, writes } of instructions) {
    if (asksFlags || (origin !== undefined && !sets)) return false;
    if (needsFlags && (written & registers) !== 0) return false;
    if (sets) return true;
    written |= writes;
  }
  return false;
}

/** Brings flags that were left to registers into the form of CpuState. */
export function recover(frame: Frame, { origin, a, b, r }: Deferred): void {
  const { code, first, second, result, origin: from } = frame;
  const mask = origin.width === 64 ? undefined : (1n << BigInt(origin.width)) - 1n;
  const cut = (): void => {
    if (mask === undefined) return;
    code.i64(mask);
    code.op('i64.and');
  };
  const put = (operand: Operand, into: number): void => {
    if ('register' in operand) {
      code.get(frame.gpr(operand.register));
      cut();
    } else code.i64(BigInt.asIntN(64, BigInt.asUintN(origin.width, operand.constant)));
    code.set(into);
  };
  const combine = (x: number, kind: 'add' | 'sub', y: number, into: number): void => {
    code.get(x);
    code.get(y);
    code.op(`i64.${kind}`);
    cut();
    code.set(into);
  };
  code.get(from);
  code.i32(DEFERRED);
  code.op('i32.eq');
  code.open('if');
  if (b !== undefined) put(b, second);
  if (a !== undefined) put(a, first);
  if (r !== undefined) put(r, result);
  else combine(first, origin.kind === 'add' ? 'add' : 'sub', second, result);
  if (a === undefined && b !== undefined)
    combine(result, origin.kind === 'add' ? 'sub' : 'add', second, first);
  code.i32(originCode(origin));
  code.set(from);
  code.close();
}
