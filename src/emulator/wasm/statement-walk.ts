/** Walks through statements and expressions of the small language, and what can be read off them. */
import type { Expr, Statement } from '../ir.js';

/** Statements with those within them. */
export function flatten(statements: readonly Statement[]): readonly Statement[] {
  if (!statements.some((s) => s.st === 'if')) return statements;
  return statements.flatMap((s) => (s.st === 'if' ? [s, ...flatten(s.then), ...flatten(s.else)] : [s]));
}

/** The expressions of a statement itself, not of those within it. */
export function expressionsOf(s: Statement): readonly Expr[] {
  switch (s.st) {
    case 'let':
    case 'setReg':
    case 'setHigh':
    case 'setXmm':
    case 'setBase':
    case 'setRflags':
      return [s.value];
    case 'load':
    case 'load128':
    case 'probe':
      return [s.address];
    case 'store':
      return [s.address, s.value];
    case 'store128':
      return [s.address, s.low, s.high];
    case 'lazy':
      return [s.a, s.b, s.result];
    case 'result':
      return [s.result, s.carry, s.overflow];
    case 'setFlags':
      return s.flags.map(([, value]) => value);
    case 'if':
      return [s.when];
    case 'jump':
      return [s.target];
    case 'call':
      return s.args;
    case 'raise':
      return [];
  }
}

/** Visits an expression and all within it. */
export function visitWithin(e: Expr, visit: (e: Expr) => void): void {
  visit(e);
  if ('a' in e) visitWithin(e.a, visit);
  if ('b' in e) visitWithin(e.b, visit);
  if ('when' in e) visitWithin(e.when, visit);
}

export function hasWithin(e: Expr, test: (e: Expr) => boolean): boolean {
  return (
    test(e) ||
    ('a' in e && hasWithin(e.a, test)) ||
    ('b' in e && hasWithin(e.b, test)) ||
    ('when' in e && hasWithin(e.when, test))
  );
}

export function setsFlags({ st }: Statement): boolean {
  return st === 'lazy' || st === 'result' || st === 'setFlags';
}

/** Whether the result of an addition or subtraction is just that of its operands: no carry came in. */
export function isPlain(
  { kind, a, b, result }: Statement & { st: 'lazy' },
  definitions: ReadonlyMap<number, Expr>,
): boolean {
  if (result.op !== 'temp' || (kind !== 'add' && kind !== 'sub')) return false;
  const value = definitions.get(result.number);
  return value?.op === 'binary' && value.kind === kind && isSame(value.a, a) && isSame(value.b, b);
}

function isSame(a: Expr, b: Expr): boolean {
  if (a.op === 'temp' && b.op === 'temp') return a.number === b.number;
  return a.op === 'const' && b.op === 'const' && a.value === b.value && a.width === b.width;
}
