/**
 * A function whole, both sides aligned line by line, for `--explain`. Lines of both sides are instructions that
 * do the same: equal but for distances inside the function, described by the same entries of special sections,
 * and, when they branch, leading to lines that are aligned, too.
 */
import { describeEntry } from '../xen/describe-entry.js';
import type { ChangedObject } from './artifacts.js';
import { AtomStatus } from './artifacts.js';
import { entriesByInstruction, instructionLines, openCode, positionAt } from './code-lines.js';
import type { Code } from './code-lines.js';
import { excerptsOfTargets, joined, openPair, originalOf } from './excerpt.js';
import type { Comparison, Excerpts } from './excerpt.js';
import { explainChange } from './explain.js';
import type { CodeExcerpt, ExcerptLine, ExplainedFunction, ExplainedLine } from './explanation.js';
import { answers } from './function-names.js';
import { alignCode, same, sameButForTargets } from './instruction-match.js';
import type { Atom, ObjectModel } from './object-model.js';
import { atomSection, isRuntimeFunction } from './object-model.js';
import { isCode } from './section-role.js';
import { holdAlike } from './target-match.js';
import type { CodePair, Together } from './target-match.js';

/** Instructions of one side that are shown; more is no function. */
const MOST_INSTRUCTIONS = 50_000;

/** The functions of an object that bear one of the names, and their cold parts. */
export function explainWhole(
  object: ChangedObject,
  both: Comparison,
  asked: readonly string[],
): ExplainedFunction[] {
  const wanted = (atom: Atom): boolean =>
    isCode(atom.role) && atom.name !== '' && asked.some((name) => answers(name, atom.name, atom.sourceFile));
  const { toPatched } = object.correlation;
  return [
    ...object.patched.atoms.filter(wanted).map((atom) => explainOne(object, both, atom)),
    ...object.orig.atoms
      .filter((atom) => wanted(atom) && toPatched[atom.index] < 0)
      .map((atom) => oneSided(object.object, both.orig, atom, 'removed')),
  ];
}

/** All functions that run after boot and that changed or are new. */
export function explainTouched(object: ChangedObject, both: Comparison): ExplainedFunction[] {
  const { patched, status } = object;
  return patched.atoms
    .filter(
      (atom) =>
        isRuntimeFunction(atom) &&
        (status[atom.index] === AtomStatus.changed || status[atom.index] === AtomStatus.added),
    )
    .map((atom) => explainOne(object, both, atom));
}

function explainOne(object: ChangedObject, both: Comparison, atom: Atom): ExplainedFunction {
  const counterpart = originalOf(both, atom);
  if (counterpart === undefined) return oneSided(object.object, both.patched, atom, 'new');
  const pair = openPair(both, counterpart, atom);
  const count = (code: Code): number => Math.min(code.decoded.count, MOST_INSTRUCTIONS);
  const partner = truePartners(pair, count(pair.orig), count(pair.patched));
  const { name, sourceFile } = atom;
  const known = { object: object.object, name, sourceFile, lines: alignedLines(pair, partner) };
  if (object.status[atom.index] !== AtomStatus.changed) {
    const reason = 'both sides do the same';
    return { ...known, verdict: 'unchanged', kind: null, reason, modulo: [], elsewhere: NOTHING };
  }
  const { kind, reason, modulo, orig, patched } = explainChange(object, both, atom);
  const outside = (lines: CodeExcerpt | null): CodeExcerpt => (lines ?? []).filter(({ of }) => of !== '');
  const first = { orig: outside(orig), patched: outside(patched) };
  const elsewhere = joined(first, ...whatTwinsLeadTo(both, pair, partner, first));
  return { ...known, verdict: 'changed', kind, reason, modulo, elsewhere };
}

const NOTHING: Excerpts = { orig: [], patched: [] };

/** Things outside a function that are shown. */
const MOST_ELSEWHERE = 16;

/** What differs behind lines that differ in nothing else; what is shown already is not shown again. */
function whatTwinsLeadTo(both: Comparison, pair: CodePair, partner: Int32Array, first: Excerpts): Excerpts[] {
  const titles = new Set(first.patched.map(({ of }) => of));
  const found: Excerpts[] = [];
  let next = 0;
  for (const [i, aligned] of partner.entries()) {
    if (aligned >= 0) next = aligned + 1;
    else if (found.length < MOST_ELSEWHERE && next < pair.patched.decoded.count) {
      if (!sameButForTargets(pair, i, next)) continue;
      const excerpts = excerptsOfTargets(both, pair, { i, j: next });
      next++;
      const title = excerpts.patched.at(0)?.of ?? '';
      if (title === '' || titles.has(title)) continue;
      titles.add(title);
      found.push(excerpts);
    }
  }
  return found;
}

function oneSided(
  object: string,
  model: ObjectModel,
  atom: Atom,
  verdict: 'new' | 'removed',
): ExplainedFunction {
  const { name, sourceFile } = atom;
  const side = verdict === 'new' ? 'patched' : 'orig';
  const lines = linesOf(openCode(model, atom)).map((line) => shown(line, side));
  const reason =
    verdict === 'new' ? 'the original has no such function' : 'the patched side has no such function';
  return { object, name, sourceFile, verdict, kind: null, reason, modulo: [], lines, elsewhere: NOTHING };
}

/** A line of one side, with the entries that describe it. */
interface Line extends ExcerptLine {
  readonly entries: readonly string[];
}

function linesOf(code: Code): Line[] {
  const entries = entriesByInstruction(code);
  const tell = (entry: Atom): string =>
    `${atomSection(code.model, entry).name} ${describeEntry(code.model, entry)}`;
  return instructionLines(code, 0, MOST_INSTRUCTIONS, () => true).map((line, i) => ({
    ...line,
    entries: (entries.get(i) ?? []).map(tell),
  }));
}

function shown(line: Line, side: 'orig' | 'patched'): ExplainedLine {
  const { at, bytes, text, refs, entries } = line;
  return {
    side,
    origAt: side === 'orig' ? at : null,
    patchedAt: side === 'patched' ? at : null,
    bytes,
    text,
    refs,
    entries,
  };
}

function alignedLines(pair: CodePair, partner: Int32Array): ExplainedLine[] {
  const olds = linesOf(pair.orig);
  const news = linesOf(pair.patched);
  const lines: ExplainedLine[] = [];
  let j = 0;
  for (const [i, old] of olds.entries()) {
    if (partner[i] < 0) {
      lines.push(shown(old, 'orig'));
      continue;
    }
    for (; j < partner[i]; j++) lines.push(shown(news[j], 'patched'));
    lines.push({ ...shown(news[j++], 'patched'), side: 'both', origAt: old.at });
  }
  for (; j < news.length; j++) lines.push(shown(news[j], 'patched'));
  return lines;
}

/** The alignment without pairs that are equal in themselves, but described otherwise or leading elsewhere. */
function truePartners(pair: CodePair, iTo: number, jTo: number): Int32Array {
  const partner = alignCode(pair, { iFrom: 0, iTo, jFrom: 0, jTo });
  const together = placesTogether(pair, partner, jTo);
  const olds = entriesByInstruction(pair.orig);
  const news = entriesByInstruction(pair.patched);
  const describedAlike = (i: number, j: number): boolean => {
    const [xs, ys] = [olds.get(i) ?? [], news.get(j) ?? []];
    // Which place an entry describes is known: that of its instruction.
    return xs.length === ys.length && xs.every((x, k) => holdAlike(pair, x, ys[k], together, KEY_FIELD));
  };
  return partner.map((j, i) => (j >= 0 && same(pair, i, j, together) && describedAlike(i, j) ? j : -1));
}

/** Bytes of the first field of an entry, which says what it describes. */
const KEY_FIELD = 4;

/** Places of the two sides are one when as many aligned instructions stand before the one as before the other. */
function placesTogether(pair: CodePair, partner: Int32Array, jTo: number): Together {
  const before = new Int32Array(partner.length + 1);
  const beforePatched = new Int32Array(jTo + 1);
  for (const [i, j] of partner.entries()) {
    before[i + 1] = before[i] + (j >= 0 ? 1 : 0);
    if (j >= 0) beforePatched[j + 1] = 1;
  }
  for (let j = 0; j < jTo; j++) beforePatched[j + 1] += beforePatched[j];
  return (origAt, patchedAt) =>
    before.at(positionAt(pair.orig, origAt)) === beforePatched.at(positionAt(pair.patched, patchedAt));
}
