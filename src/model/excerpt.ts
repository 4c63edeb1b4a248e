/**
 * The lines around a first difference, on both sides: of code, of the literal that code refers to, of an entry of
 * a special section. Where the difference lies in something that is reached by a reference, the lines of that
 * follow those of what refers to it, so that the last lines show what really differs.
 */
import { relocWidth } from '../elf/reloc-x86-64.js';
import { describeEntry } from '../xen/describe-entry.js';
import { hexBytes, instructionLines, openCode, positionAt, spellRef } from './code-lines.js';
import type { Code } from './code-lines.js';
import { isLiteral } from './compare.js';
import type { Comparer } from './compare.js';
import type { Difference } from './difference.js';
import { nameDifference, partingRefs } from './difference-kind.js';
import type { Named, Surplus } from './difference-kind.js';
import type { ExcerptLine } from './explanation.js';
import { alignCode, firstThatMatters, same } from './instruction-match.js';
import type { Places } from './instruction-match.js';
import type { Atom, ObjectModel, Ref } from './object-model.js';
import { atomBytes, atomSection, atomTitle } from './object-model.js';
import { isCode } from './section-role.js';
import { quoted, stringFrom } from './spell-target.js';
import type { CodePair } from './target-match.js';

/** Both objects, and what is known of their atoms. */
export interface Comparison {
  readonly orig: ObjectModel;
  readonly patched: ObjectModel;
  readonly comparer: Comparer;
  readonly toOrig: Int32Array;
}

/** Lines of both sides. */
export interface Excerpts {
  readonly orig: readonly ExcerptLine[];
  readonly patched: readonly ExcerptLine[];
}

const NOTHING: Excerpts = { orig: [], patched: [] };

export function joined(...parts: readonly Excerpts[]): Excerpts {
  return { orig: parts.flatMap((p) => p.orig), patched: parts.flatMap((p) => p.patched) };
}

/** Instructions before the difference, and from it on. */
const BEFORE = 2;
const SHOWN = 4;
/** Instructions from the difference on among which those that are on both sides are looked for. */
const WINDOW = 12;
/** How many references are followed to what really differs. */
const DEEPEST = 6;

/** The original of a patched atom, if it is known. */
export function originalOf({ orig, toOrig }: Comparison, atom: Atom): Atom | undefined {
  return toOrig[atom.index] < 0 ? undefined : orig.atoms[toOrig[atom.index]];
}

export function openPair(both: Comparison, a: Atom, b: Atom): CodePair {
  const { orig, patched, comparer, toOrig } = both;
  return { orig: openCode(orig, a), patched: openCode(patched, b), comparer, toOrig };
}

/** Two pieces of code around the first difference that matters, given the first that was found. */
export function codeExcerpt(
  both: Comparison,
  a: Atom,
  b: Atom,
  difference: Difference,
  of = '',
  depth = 0,
): { readonly named: Named; readonly excerpts: Excerpts } {
  const pair = openPair(both, a, b);
  const places = firstThatMatters(pair, {
    i: positionAt(pair.orig, difference.origAt),
    j: positionAt(pair.patched, difference.patchedAt),
  });
  const { i, j } = places;
  const partner = partnersFrom(pair, places);
  const taken = new Set(partner);
  const surplus = surplusOf(partner, j);
  const excerpts = {
    orig: around(pair.orig, i, (k) => k >= i && (partner.at(k - i) ?? -1) < 0, of),
    patched: around(pair.patched, j, (k) => k >= j && !taken.has(k), of),
  };
  const inner = surplus.count === 0 ? excerptsOfTargets(both, pair, places, depth) : NOTHING;
  const outer = inner.orig.length > 0 ? withoutTwins(excerpts) : excerpts;
  const texts = {
    before: excerpts.orig.at(Math.min(i, BEFORE))?.text ?? '',
    after: excerpts.patched.at(Math.min(j, BEFORE))?.text ?? '',
  };
  return { named: nameDifference(pair, places, surplus, texts), excerpts: joined(outer, inner) };
}

/** The partners of the instructions from a difference on, as far as they are shown or tell what is new. */
function partnersFrom(pair: CodePair, { i, j }: Places): Int32Array {
  const iTo = Math.min(i + WINDOW, pair.orig.decoded.count);
  const jTo = Math.min(j + WINDOW, pair.patched.decoded.count);
  // Mostly one instruction differs and the two go on in step.
  const shown = Math.min(SHOWN, iTo - i, jTo - j);
  const step = Int32Array.from({ length: shown }, (_, k) => (k > 0 && same(pair, i + k, j + k) ? j + k : -1));
  if (shown > 1 && step.subarray(1).every((partner) => partner >= 0)) return step;
  const partner = alignCode(pair, { iFrom: i, iTo, jFrom: j, jTo });
  // A branch that leads elsewhere is the same as its partner in all but that.
  if (partner[0] === j) partner[0] = -1;
  return partner;
}

/** Instructions that read alike do not differ themselves: what they refer to does, and is shown after them. */
function withoutTwins({ orig, patched }: Excerpts): Excerpts {
  const key = ({ at, bytes, text, refs }: ExcerptLine): string => [at, bytes, text, ...refs].join('\n');
  const [x, y] = [orig, patched].map((lines) => lines.find(({ differs }) => differs));
  if (x === undefined || y === undefined || key(x) !== key(y)) return { orig, patched };
  const unmark = (lines: readonly ExcerptLine[], twin: ExcerptLine): ExcerptLine[] =>
    lines.map((line) => (line === twin ? { ...line, differs: false } : line));
  return { orig: unmark(orig, x), patched: unmark(patched, y) };
}

/** Which side has more instructions before the two go on together, and how many. */
function surplusOf(partner: Int32Array, j: number): Surplus {
  if (partner.length > 0 && partner[0] > j) return { side: 'patched', count: partner[0] - j };
  const next = partner.indexOf(j);
  return { side: 'orig', count: next < 0 ? 0 : next };
}

function around(code: Code, i: number, differs: (k: number) => boolean, of: string): readonly ExcerptLine[] {
  return instructionLines(code, Math.max(0, i - BEFORE), i + SHOWN, differs, of);
}

/** What the references of two instructions lead to, when that is where the difference lies. */
export function excerptsOfTargets(both: Comparison, pair: CodePair, places: Places, depth = 0): Excerpts {
  if (places.i >= pair.orig.decoded.count || places.j >= pair.patched.decoded.count) return NOTHING;
  const { x, y } = partingRefs(pair, places) ?? {};
  return x === undefined || y === undefined ? NOTHING : excerptsOfRefs(both, x, y, depth);
}

function excerptsOfRefs(both: Comparison, x: Ref, y: Ref, depth: number): Excerpts {
  const { orig, patched } = both;
  if (x.atom < 0 || y.atom < 0 || depth === DEEPEST) return NOTHING;
  const [a, b] = [orig.atoms[x.atom], patched.atoms[y.atom]];
  const shown = spellRef(orig, { ...x, at: 0 }) !== spellRef(patched, { ...y, at: 0 });
  // Strings of a usual length stand beside the instructions in full.
  if (shown && a.kind === 'string' && b.kind === 'string') return NOTHING;
  if (isLiteral(a) && isLiteral(b)) return excerptsOfLiterals(both, a, b, depth + 1);
  if (shown) return NOTHING;
  // One name, two things: say what each is.
  return { orig: [identityLine(orig, a)], patched: [identityLine(patched, b)] };
}

function identityLine(model: ObjectModel, atom: Atom): ExcerptLine {
  const file = atom.sourceFile === '' ? '' : ` of ${atom.sourceFile}`;
  const place = `${atomSection(model, atom).name}+0x${atom.start.toString(16)}`;
  return textLine(atomTitle(model, atom), `${atom.size} bytes at ${place}${file}`);
}

/** A line that stands for no bytes. */
export function textLine(of: string, text: string): ExcerptLine {
  return { of, shows: 'fact', at: 0, bytes: '', text, refs: [], differs: true };
}

/** Two literals that differ: strings, constants, tables, fixups, entries. */
export function excerptsOfLiterals(both: Comparison, a: Atom, b: Atom, depth: number): Excerpts {
  const { orig, patched, comparer } = both;
  const { difference } = comparer.compare(a, b);
  if (difference === undefined) return NOTHING;
  if (isCode(a.role) && isCode(b.role)) {
    return codeExcerpt(both, a, b, difference, atomTitle(orig, a), depth).excerpts;
  }
  const { origAt, patchedAt } = difference;
  const lines = { orig: [literalLine(orig, a, origAt)], patched: [literalLine(patched, b, patchedAt)] };
  const x = orig.refs[a.index].find((ref) => ref.at === origAt);
  const y = patched.refs[b.index].find((ref) => ref.at === patchedAt);
  if (difference.kind !== 'reference' || x === undefined || y === undefined) return lines;
  return joined(lines, excerptsOfRefs(both, x, y, depth));
}

/** Bytes of a literal in one line, and characters of a string. */
const ROW = 16;
const SHOWN_TEXT = 64;

/** The bytes around the difference: a field that holds a reference, a row of a table, a piece of a string. */
function literalLine(model: ObjectModel, atom: Atom, at: number): ExcerptLine {
  if (atom.kind === 'entry') return entryLine(model, atom, true);
  const field = model.refs[atom.index].find((ref) => ref.at === at);
  const string = atom.kind === 'string';
  const from = field !== undefined ? at : string ? Math.max(0, at - BEFORE) : at - (at % ROW);
  const length = field === undefined ? ROW : Math.max(1, relocWidth(field.r_type));
  return {
    of: atomTitle(model, atom),
    shows: 'bytes',
    at: from,
    bytes: hexBytes(atomBytes(model, atom).subarray(from, from + length)),
    text: string ? quoted(stringFrom(model, atom, from), SHOWN_TEXT) : '',
    refs: field === undefined ? [] : [spellRef(model, field)],
    differs: true,
  };
}

/** An entry of a special section, decoded; `at` counts from the start of its section. */
export function entryLine(model: ObjectModel, entry: Atom, differs: boolean): ExcerptLine {
  return {
    of: atomSection(model, entry).name,
    shows: 'entry',
    at: entry.start,
    bytes: hexBytes(atomBytes(model, entry)),
    text: describeEntry(model, entry),
    refs: model.refs[entry.index].map((ref) => spellRef(model, ref)),
    differs,
  };
}

/** The instructions that an entry of each side describes, or those where it would stand. */
export function describedExcerpt(pair: CodePair, origAt: number, patchedAt: number): Excerpts {
  const never = (): boolean => false;
  const lines = (code: Code, at: number): readonly ExcerptLine[] => {
    const i = positionAt(code, at);
    return instructionLines(code, i, i + 1, never);
  };
  return { orig: lines(pair.orig, origAt), patched: lines(pair.patched, patchedAt) };
}
