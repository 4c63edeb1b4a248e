/**
 * An instruction as a translation sees it: its statements in an order in which leaving for the interpreter is safe,
 * where control goes from it, and what it does to flags.
 *
 * Whatever a translation cannot do, or not in this case (a page that is unknown, a fault, a watched range), it
 * leaves to the interpreter, which does the instruction once more from the start. So nothing may be changed before
 * the last point at which it may leave: stores go behind loads and checks, and there is one store at most.
 */
import type { Instruction } from '../instruction.js';
import type { Expr, Statement } from '../ir.js';
import { semanticsOf } from '../translate.js';
import { deferredBy, registersWritten } from './deferred.js';
import type { Deferred } from './deferred.js';
import { isIntrinsic, mayBail } from './intrinsics.js';
import { SETTLED } from './origin.js';
import type { Known } from './origin.js';
import { expressionsOf, flatten, hasWithin, isPlain, setsFlags } from './statement-walk.js';

/** Where a jump leads: addresses that are known, or a register or memory that says it. */
export type Targets = { readonly known: readonly bigint[] } | 'indirect';

export interface GuestInstruction {
  readonly address: bigint;
  readonly next: bigint;
  readonly statements: readonly Statement[];
  /** False: the interpreter does it. */
  readonly translatable: boolean;
  /** Undefined: it goes on to the next instruction. */
  readonly targets: Targets | undefined;
  /** A call: where it will return to is the instruction behind it. */
  readonly isCall: boolean;
  /** Whether it may leave for the interpreter, or look at flags, before it sets flags. */
  readonly needsFlags: boolean;
  /** Whether it looks at flags itself. */
  readonly asksFlags: boolean;
  /** Whether it sets all flags, on every path through it. */
  readonly setsFlags: boolean;
  /** What flags come from behind it; undefined: what they came from before. */
  readonly origin: Known | undefined;
  /** How flags that it sets can be told from registers. */
  readonly deferred: Deferred | undefined;
  /** The general registers that it writes, as bits. */
  readonly writes: number;
}

export function guestInstruction(instruction: Instruction): GuestInstruction {
  const plain = semanticsOf(instruction);
  const translatable = plain.every((s) => isTranslatable(s, false)) && hasSafeOrder(plain);
  const statements = translatable ? storesLast(plain) : plain;
  const all = flatten(statements);
  const asks = !translatable || all.some(asksFlags);
  const jumps = all.filter((s) => s.st === 'jump');
  return {
    address: instruction.address,
    next: instruction.next,
    statements,
    translatable,
    targets: jumps.length === 0 ? undefined : targetsOf(jumps.map(({ target }) => target)),
    isCall: instruction.mnemonic === 'Call',
    needsFlags: asks || all.some(mayLeave),
    asksFlags: asks,
    setsFlags: statements.some((s) => s.st === 'result' || (s.st === 'lazy' && !keepsCarry(s.kind))),
    origin: originBehind(statements),
    deferred: deferredBy(statements),
    writes: registersWritten(statements),
  };
}

/** As the flags will be written back: the last that are set decide; those of one path only leave it open. */
function originBehind(statements: readonly Statement[]): Known | undefined {
  let origin: Known | undefined;
  const definitions = new Map<number, Expr>();
  for (const s of statements) {
    if (s.st === 'let') definitions.set(s.temp.number, s.value);
    else if (s.st === 'result') origin = { kind: 'result', width: s.result.width, plain: false };
    else if (s.st === 'setFlags') origin = s.flags.some(([name]) => name !== 'df') ? SETTLED : origin;
    else if (s.st === 'lazy')
      origin = { kind: s.kind, width: s.result.width, plain: isPlain(s, definitions) };
    else if (s.st === 'if' && flatten([s]).some(setsFlags)) origin = 'unknown';
  }
  return origin;
}

const keepsCarry = (kind: string): boolean => kind === 'inc' || kind === 'dec';

function isTranslatable(s: Statement, inBranch: boolean): boolean {
  switch (s.st) {
    case 'load128':
    case 'store128':
    case 'probe':
    case 'setXmm':
    case 'setBase':
    case 'setRflags':
      return false;
    case 'raise':
      return inBranch;
    case 'call':
      if (!isIntrinsic(s)) return false;
      break;
    case 'if':
      if (![...s.then, ...s.else].every((inner) => isTranslatable(inner, true))) return false;
      break;
    default:
  }
  return expressionsOf(s).every((e) => !hasWithin(e, ({ op }) => op === 'xmm' || op === 'rflags'));
}

/** At most one store, and no load behind it. */
function hasSafeOrder(statements: readonly Statement[]): boolean {
  const memory = flatten(statements).filter((s) => s.st === 'load' || s.st === 'store');
  const firstStore = memory.findIndex((s) => s.st === 'store');
  return firstStore < 0 || firstStore === memory.length - 1;
}

/** Moves a store behind checks that follow it, which must be done before anything changes. */
function storesLast(statements: readonly Statement[]): readonly Statement[] {
  const at = statements.findIndex((s) => s.st === 'store');
  if (at < 0) return statements;
  let end = at + 1;
  while (end < statements.length && (statements[end].st === 'let' || onlyRaises(statements[end]))) end++;
  const moved = statements.slice(at + 1, end);
  return [...statements.slice(0, at), ...moved, statements[at], ...statements.slice(end)];
}

function onlyRaises(s: Statement): boolean {
  return s.st === 'if' && s.else.length === 0 && s.then.every((inner) => inner.st === 'raise');
}

function mayLeave(s: Statement): boolean {
  return s.st === 'load' || s.st === 'store' || s.st === 'raise' || (s.st === 'call' && mayBail(s));
}

function asksFlags(s: Statement): boolean {
  if (s.st === 'setFlags' || (s.st === 'lazy' && keepsCarry(s.kind))) return true;
  return expressionsOf(s).some((e) => hasWithin(e, ({ op }) => op === 'flag'));
}

function targetsOf(jumps: readonly Expr[]): Targets {
  const known = new Set<bigint>();
  for (const target of jumps) {
    const ends = target.op === 'select' ? [target.a, target.b] : [target];
    for (const end of ends) {
      if (end.op !== 'const') return 'indirect';
      known.add(end.value);
    }
  }
  return { known: [...known] };
}
