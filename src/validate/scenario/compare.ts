/** What was expected of a call against what was seen: one complaint a difference, in words. */
import { findLine, slowComplaint } from '../../run/find-line.js';
import type { Expectation, ReturnType } from './scenario.js';
import type { Seen } from './play.js';

export interface Comparison {
  readonly complaints: readonly string[];
  /** The value as its type reads it; undefined when there is none. */
  readonly returned: string | undefined;
}

export function complaintsAbout(expected: Expectation, seen: Seen, type: ReturnType): Comparison {
  const returned = seen.died === undefined ? shown(seen, type) : undefined;
  const complaints = [
    ...deathComplaints(expected, seen),
    ...(seen.died === undefined ? returnComplaints(expected, seen, type, returned) : []),
    ...countComplaint('faults that were caught', expected.faults, seen.faults),
    ...countComplaint('warnings', expected.warnings, seen.warnings),
    ...consoleComplaints(expected, seen.console),
    ...memoryComplaints(expected, seen),
  ];
  return { complaints, returned };
}

function deathComplaints({ dies }: Expectation, { died }: Seen): string[] {
  if (dies === undefined) return died === undefined ? [] : [`the host dies: ${died}`];
  if (died === undefined) return [`the host was to die (${dies}) and lives`];
  return died.includes(dies) ? [] : [`the host was to die of "${dies}", and dies of: ${died}`];
}

/** psABI, 3.2.3: only as many low bits of rax count as the type has; bool has 8. */
function shown({ rax, text }: Seen, type: ReturnType): string | undefined {
  switch (type) {
    case 'int':
      return BigInt.asIntN(32, rax).toString();
    case 'long':
      return BigInt.asIntN(64, rax).toString();
    case 'bool':
      return String((rax & 0xffn) !== 0n);
    case 'text':
      return text === undefined ? `0x${rax.toString(16)}, which is no text` : JSON.stringify(text);
    case 'void':
      return undefined;
  }
}

function returnComplaints(
  { returns }: Expectation,
  { rax, text }: Seen,
  type: ReturnType,
  returned: string | undefined,
): string[] {
  if (returns === undefined) return [];
  if (meets(returns, rax, text, type)) return [];
  const wanted = typeof returns === 'string' ? JSON.stringify(returns) : String(returns);
  return [`returns ${returned ?? 'nothing'} instead of ${wanted}`];
}

function meets(
  returns: bigint | boolean | string,
  rax: bigint,
  text: string | undefined,
  type: ReturnType,
): boolean {
  if (typeof returns === 'string') return type === 'text' && text === returns;
  if (typeof returns === 'boolean') return (type === 'bool' ? (rax & 0xffn) !== 0n : rax !== 0n) === returns;
  const width = type === 'int' ? 32 : type === 'bool' ? 8 : 64;
  return BigInt.asUintN(width, returns) === BigInt.asUintN(width, rax);
}

function countComplaint(what: string, expected: number | undefined, seen: number): string[] {
  return expected === undefined || expected === seen ? [] : [`${what}: ${seen} instead of ${expected}`];
}

function consoleComplaints(expected: Expectation, lines: readonly string[]): string[] {
  const complaints = missingLines(expected.console ?? [], lines);
  for (const pattern of expected.consoleNot ?? []) {
    const found = findLine(pattern, lines);
    if (found === 'slow') complaints.push(slowComplaint(pattern));
    else if (found >= 0) complaints.push(`unwanted on the console: ${lines[found]}`);
  }
  return complaints;
}

/** A complaint for each pattern that no line behind that of the pattern before it matches. */
export function missingLines(patterns: readonly string[], lines: readonly string[]): string[] {
  let from = 0;
  return patterns.flatMap((pattern) => {
    const found = findLine(pattern, lines.slice(from));
    if (found === 'slow') return [slowComplaint(pattern)];
    if (found < 0) return [`not on the console: ${pattern}`];
    from += found + 1;
    return [];
  });
}

function memoryComplaints(expected: Expectation, seen: Seen): string[] {
  return Object.entries(expected.memory ?? {}).flatMap(([block, bytes]) => {
    const there = seen.memoryAt(block, bytes.length);
    if (Buffer.compare(there, bytes) === 0) return [];
    const at = bytes.findIndex((byte, k) => byte !== there[k]);
    const hex = (values: Uint8Array): string => Buffer.from(values.subarray(at, at + 8)).toString('hex');
    return [`memory ${block} from byte ${at}: ${hex(there)} instead of ${hex(bytes)}`];
  });
}
