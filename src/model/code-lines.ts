/**
 * The code of one atom as instructions, each with its references and the entries of special sections that
 * describe it. Decoding finds the borders of instructions; formatting is ten times as dear, so only those that
 * are shown are formatted.
 */
import { relocName } from '../elf/reloc-x86-64.js';
import { Flow, instructionAt } from '../x86/decode.js';
import type { DecodedCode } from '../x86/decode.js';
import { disassemble } from '../x86/disassemble.js';
import { decodedAtom } from './decoded-atoms.js';
import type { ExcerptLine } from './explanation.js';
import type { Atom, ObjectModel, Ref } from './object-model.js';
import { atomBytes } from './object-model.js';
import { describeTarget } from './spell-target.js';

export interface Code {
  readonly model: ObjectModel;
  readonly atom: Atom;
  readonly bytes: Uint8Array;
  readonly decoded: DecodedCode;
}

/** Characters that are shown of a string. */
const SHOWN_IN_FULL = 512;

export function openCode(model: ObjectModel, atom: Atom): Code {
  return { model, atom, bytes: atomBytes(model, atom), decoded: decodedAtom(model, atom) };
}

/** Position of the instruction that holds byte `at`; the count of instructions when `at` lies behind them all. */
export function positionAt({ decoded }: Code, at: number): number {
  const found = instructionAt(decoded, at);
  return found < 0 ? decoded.count : found;
}

export function endOf({ decoded }: Code, i: number): number {
  return decoded.start[i] + decoded.length[i];
}

const NONE: readonly Ref[] = [];

/** The references whose fields lie in instruction `i`. */
export function refsOfInstruction(code: Code, i: number): readonly Ref[] {
  const refs = code.model.refs[code.atom.index];
  const from = firstAtOrAfter(refs, code.decoded.start[i]);
  const end = endOf(code, i);
  let to = from;
  while (to < refs.length && refs[to].at < end) to++;
  return from === to ? NONE : refs.slice(from, to);
}

function firstAtOrAfter(refs: readonly Ref[], at: number): number {
  let low = 0;
  let high = refs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (refs[middle].at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the thing that an entry describes is: bytes from the start of that atom. */
export function describedPlace(model: ObjectModel, entry: Atom): number {
  return model.refs[entry.index].find((ref) => ref.at === 0)?.value ?? 0;
}

/** Entries that describe an atom, by position of the instruction that they point at. */
export function entriesByInstruction(code: Code): ReadonlyMap<number, readonly Atom[]> {
  const found = new Map<number, Atom[]>();
  for (const index of code.model.entries[code.atom.index]) {
    const entry = code.model.atoms[index];
    const i = positionAt(code, describedPlace(code.model, entry));
    const list = found.get(i);
    if (list === undefined) found.set(i, [entry]);
    else list.push(entry);
  }
  return found;
}

/** A direct branch to a place in the same atom. */
export function isInnerBranch(code: Code, i: number): boolean {
  const flow = code.decoded.flow[i];
  if (flow < Flow.jump || flow > Flow.call) return false;
  const target = code.decoded.target[i];
  return target >= 0 && target < code.bytes.length && refsOfInstruction(code, i).length === 0;
}

/** Instructions `from` to `to` (exclusive) as lines. */
export function instructionLines(
  code: Code,
  from: number,
  to: number,
  differs: (i: number) => boolean,
  of = '',
): ExcerptLine[] {
  const { decoded, bytes } = code;
  const last = Math.min(to, decoded.count);
  if (from >= last) return [];
  const begin = decoded.start[from];
  return disassemble(bytes.subarray(begin, endOf(code, last - 1)), begin).map((line, k) => {
    const i = from + k;
    const refs = refsOfInstruction(code, i);
    return {
      of,
      shows: 'instruction',
      at: decoded.start[i],
      bytes: hexBytes(bytes.subarray(decoded.start[i], endOf(code, i))),
      text: withTarget(code, i, line.text, refs),
      refs: refs.map((ref) => spellRef(code.model, ref)),
      differs: differs(i),
    };
  });
}

/** `+0x20 R_X86_64_PLT32 printk`; what the assembler resolved itself has no relocation, and no type. */
export function spellRef(model: ObjectModel, ref: Ref): string {
  const type = ref.symbol < 0 ? '(assembled)' : relocName(ref.r_type);
  return `+0x${ref.at.toString(16)} ${type} ${describeTarget(model, ref, SHOWN_IN_FULL)}`;
}

/** Names in place of the zeros that the assembler left: `call printk`, `mov counter(%rip),%eax`. */
function withTarget(code: Code, i: number, text: string, refs: readonly Ref[]): string {
  const flow = code.decoded.flow[i];
  const branch = flow >= Flow.jump && flow <= Flow.call;
  if (refs.length === 0) return branch ? text.replace(/0x[0-9a-f]+$/, (place) => `+${place}`) : text;
  const [ref] = refs;
  if (refs.length > 1 || (ref.atom >= 0 && code.model.atoms[ref.atom].kind === 'string')) return text;
  const target = describeTarget(code.model, ref);
  return branch
    ? text.replace(/0x[0-9a-f]+$/, () => target)
    : text.replace(/(-?0x[0-9a-f]+)?\(%rip\)/, () => `${target}(%rip)`);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** `e8 00 00 00 00`. */
export function hexBytes(bytes: Uint8Array): string {
  let text = bytes.length === 0 ? '' : HEX[bytes[0]];
  for (let k = 1; k < bytes.length; k++) text += ` ${HEX[bytes[k]]}`;
  return text;
}
