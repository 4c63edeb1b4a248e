/**
 * Whether a difference between two versions of a function is only the number of a source line that is reported:
 * `__LINE__` in domain_crash() or dprintk(), which changes with every line that is inserted above.
 *
 * A number that is printed may as well be a limit that was changed, so evidence is demanded, on both sides:
 *   - the byte lies in the immediate of an instruction that is the same otherwise, and no reference lies there;
 *   - whatever that instruction loads goes nowhere but into calls of functions that report lines;
 *   - there it is the argument that is a line: always, or because the format says "line %d" or "%s:%d", in which case
 *     the string is the name of a source file. Every format that may be meant is found and read.
 * Whatever is not understood makes the difference a change. So does a field of another width: where `push $127`
 * becomes `push $128`, all behind it moves. A load of a register has four bytes for any line.
 *
 * Compilers load a number before the branch that decides whether it is reported. On the other way it stays in its
 * register, and a return or a call of another function may come before the register is used again. Nothing in the
 * function tells whether it is read there. That is passed over only where the number is __LINE__ beyond doubt, not
 * just some "line": then whoever did read it would have to mean, in both versions, the very number of that line.
 */
import { R_X86_64_32, R_X86_64_32S, R_X86_64_64, R_X86_64_PC32 } from '../elf/constants.js';
import { asBuffer } from '../elf/read.js';
import { relocWidth } from '../elf/reloc-x86-64.js';
import { argumentPlace } from '../x86/calling-convention.js';
import { instructionAt } from '../x86/decode.js';
import type { StoredImmediate } from '../x86/instruction-facts.js';
import { Routine } from '../x86/routine.js';
import { followImmediate } from '../x86/value-flow.js';
import type { Use, ValueFlow } from '../x86/value-flow.js';
import { sourcesOf } from '../x86/value-sources.js';
import { isSourceName, lineWording, readFormat } from '../xen/printf-format.js';
import type { Reporter } from '../xen/reporting-functions.js';
import { decodedAtom } from './decoded-atoms.js';
import type { Atom, ObjectModel, Ref } from './object-model.js';
import { atomBytes, atomSection } from './object-model.js';
import { isCode } from './section-role.js';
import { surroundingsOf } from './surroundings.js';

const FIRST_LINE = 1;
/** Longer files are not written, and what is larger is rather an address or a mask. */
const LAST_LINE = 1_000_000;

/**
 * The bytes of the immediate that holds byte `at` of both atoms, when they are the number of a line that is reported
 * and nothing else; undefined otherwise. Both atoms are equal up to there, but for references and other such fields.
 */
export function lineNumberField(
  orig: ObjectModel,
  a: Atom,
  patched: ObjectModel,
  b: Atom,
  at: number,
  reporters: readonly Reporter[],
): { start: number; end: number } | undefined {
  if (!isCode(a.role) || !isCode(b.role) || !mayBeImmediate(orig, a, patched, b, at)) return undefined;
  const x = new Side(orig, a, at);
  const y = new Side(patched, b, at);
  const field = x.field;
  if (field === undefined || !sameAround(x, y)) return undefined;
  const before = x.reported(reporters);
  if (before === undefined || before !== y.reported(reporters)) return undefined;
  return { start: field.start, end: field.end };
}

/** Bytes of the widest immediate that holds a line, which ends its instruction. */
const WIDEST_IMMEDIATE = 4;

/** Whether byte `at` is near the end of an instruction of both sides: most differences are not, and cost nothing more. */
function mayBeImmediate(orig: ObjectModel, a: Atom, patched: ObjectModel, b: Atom, at: number): boolean {
  const [x, y] = [decodedAtom(orig, a), decodedAtom(patched, b)];
  const [i, j] = [instructionAt(x, at), instructionAt(y, at)];
  if (i < 0 || j < 0 || x.start[i] !== y.start[j] || x.length[i] !== y.length[j]) return false;
  return at >= x.start[i] + x.length[i] - WIDEST_IMMEDIATE;
}

function sameAround(x: Side, y: Side): boolean {
  if (x.field === undefined || y.field === undefined) return false;
  if (x.field.start !== y.field.start || x.field.end !== y.field.end || x.start !== y.start) return false;
  const outside = (side: Side, field: StoredImmediate): string =>
    `${side.text.toString('hex', 0, field.start - side.start)}-${side.text.toString('hex', field.end - side.start)}`;
  return outside(x, x.field) === outside(y, y.field);
}

/** One place at which the immediate is reported, in words that two sides can compare. */
interface LineUse {
  readonly place: string;
  /** It is __LINE__, and not only called a line. */
  readonly certain: boolean;
}

/** One side of the comparison: the instruction at the place in question, in its function. */
class Side {
  readonly start: number;
  readonly text: Buffer;
  /** The instruction's immediate, when it may be a line. */
  readonly field: StoredImmediate | undefined;
  private readonly routine: Routine;
  private readonly instruction: number;

  constructor(
    private readonly model: ObjectModel,
    private readonly atom: Atom,
    at: number,
  ) {
    this.routine = routineOf(model, atom);
    const { code, bytes } = this.routine;
    this.instruction = instructionAt(code, at);
    const known = this.instruction >= 0;
    this.start = known ? code.start[this.instruction] : at;
    const end = known ? this.start + code.length[this.instruction] : at;
    this.text = asBuffer(bytes.subarray(this.start, end));
    this.field = known ? this.plausibleField(at) : undefined;
  }

  private plausibleField(at: number): StoredImmediate | undefined {
    const found = this.routine.reading(() => this.routine.facts(this.instruction).immediate);
    if (found === undefined || at < found.start || at >= found.end) return undefined;
    if (found.value < FIRST_LINE || found.value > LAST_LINE) return undefined;
    return refsWithin(this.model, this.atom, found.start, found.end).length > 0 ? undefined : found;
  }

  /** Where the immediate is reported as a line, in words that two sides can compare; undefined when it is not only that. */
  reported(reporters: readonly Reporter[]): string | undefined {
    const { routine } = this;
    const named = new Map(reporters.map((reporter) => [reporter.name, reporter]));
    return routine.reading(() => {
      const flow = followImmediate(routine, this.instruction, (name) => named.has(name));
      if (flow === undefined) return undefined;
      const found: LineUse[] = [];
      for (const use of flow.uses) {
        const reporter = named.get(use.name);
        const lines = reporter === undefined ? undefined : this.linesOf(flow, use, reporter);
        if (lines === undefined) return undefined;
        found.push(...lines);
      }
      if (flow.leftOver && found.some((line) => !line.certain)) return undefined;
      return found.length === 0 ? undefined : found.map((line) => line.place).join();
    });
  }

  /** Where a use reads the immediate as a line; undefined when it may read it as anything else. */
  private linesOf(flow: ValueFlow, use: Use, reporter: Reporter): LineUse[] | undefined {
    const place = (position: number): string => `${use.instruction}:${use.name}:${position}`;
    if ('line' in reporter) {
      if (use.positions.some((k) => k !== reporter.line - 1)) return undefined;
      return use.positions.map((k) => ({ place: place(k), certain: true }));
    }
    const first = reporter.format;
    if (use.positions.some((k) => k < first)) return undefined;
    const formats = this.stringsOf(flow, use.instruction, first - 1);
    if (formats === undefined) return undefined;
    const found: LineUse[] = [];
    for (const format of formats) {
      const conversions = readFormat(format);
      if (conversions === undefined) return undefined;
      for (const k of use.positions) {
        if (k - first >= conversions.length) {
          // What the format does not take is not read. A slot of the stack is then no argument but the function's own.
          if ('stack' in argumentPlace(k)) return undefined;
          continue;
        }
        const wording = lineWording(conversions, k - first);
        if (wording === undefined) return undefined;
        if (wording === 'file' && !this.isFileName(flow, use.instruction, k - 1)) return undefined;
        found.push({ place: place(k), certain: wording !== 'word' });
      }
    }
    return found;
  }

  private isFileName(flow: ValueFlow, call: number, position: number): boolean {
    return this.stringsOf(flow, call, position)?.every(isSourceName) === true;
  }

  /** The strings that may be argument `position` of a call; undefined when not all are known. */
  private stringsOf(flow: ValueFlow, call: number, position: number): string[] | undefined {
    const loads = sourcesOf(this.routine, flow, call, argumentPlace(position));
    const strings = loads?.map((load) => this.stringLoadedAt(load));
    return strings?.every((text) => text !== undefined) === true ? strings : undefined;
  }

  private stringLoadedAt(load: number): string | undefined {
    const { start, end } = this.routine.facts(load);
    const refs = refsWithin(this.model, this.atom, start, end);
    return refs.length === 1 ? stringAt(this.model, refs[0]) : undefined;
  }
}

/** The references whose fields lie between two places of an atom, in whole or in part. */
function refsWithin(model: ObjectModel, atom: Atom, start: number, end: number): Ref[] {
  const refs = model.refs[atom.index];
  let first = 0;
  for (let after = refs.length; first < after;) {
    const middle = (first + after) >>> 1;
    if (refs[middle].at + WIDEST <= start) first = middle + 1;
    else after = middle;
  }
  const found: Ref[] = [];
  for (let k = first; k < refs.length && refs[k].at < end; k++) {
    if (refs[k].at + relocWidth(refs[k].r_type) > start) found.push(refs[k]);
  }
  return found;
}

/** Bytes of the widest field of a reference. */
const WIDEST = 8;

const ADDRESSES: ReadonlySet<number> = new Set([R_X86_64_PC32, R_X86_64_32, R_X86_64_32S, R_X86_64_64]);

/** The text of the string literal that a reference designates. */
function stringAt(model: ObjectModel, ref: Ref): string | undefined {
  if (!ADDRESSES.has(ref.r_type) || ref.atom < 0) return undefined;
  const atom = model.atoms[ref.atom];
  if (atom.kind !== 'string' || atomSection(model, atom).sh_entsize !== 1) return undefined;
  if (ref.value < 0 || ref.value >= atom.size) return undefined;
  const text = asBuffer(atomBytes(model, atom)).toString('latin1', ref.value);
  return text.endsWith('\0') ? text.slice(0, -1) : undefined;
}

/** A function is asked about as many times as it has lines in it, and is decoded once. */
const routines = new WeakMap<Atom, Routine>();

function routineOf(model: ObjectModel, atom: Atom): Routine {
  let found = routines.get(atom);
  if (found === undefined) {
    found = new Routine(atomBytes(model, atom), surroundingsOf(model, atom), decodedAtom(model, atom));
    routines.set(atom, found);
  }
  return found;
}
