/**
 * Why a function counts as changed: the kind of the first difference that matters, a sentence, and the lines
 * around it on both sides. Computed where the graphs are, because the graphs stay there.
 *
 * The comparer tells where the first difference is. It is a difference of bytes or of references; a reader wants
 * the first one that means something, which may stand further on: see firstThatMatters.
 */
import { isDeepStrictEqual } from 'node:util';
import { withoutControls } from '../diag/printable.js';
import { describeEntry } from '../xen/describe-entry.js';
import type { ChangedObject } from './artifacts.js';
import { AtomStatus } from './artifacts.js';
import { describedPlace } from './code-lines.js';
import { createComparer } from './compare.js';
import { moduloNames } from './difference.js';
import type { Difference } from './difference.js';
import type { ChangedFunction, CodeExcerpt } from './explanation.js';
import {
  codeExcerpt,
  describedExcerpt,
  entryLine,
  excerptsOfLiterals,
  joined,
  openPair,
  originalOf,
  textLine,
} from './excerpt.js';
import type { Comparison, Excerpts } from './excerpt.js';
import type { Named } from './difference-kind.js';
import { coldParent } from './names.js';
import type { Atom, ObjectModel } from './object-model.js';
import { atomSection, atomTitle, isRuntimeFunction } from './object-model.js';
import { isCode } from './section-role.js';

export function comparisonOf({ orig, patched, correlation }: ChangedObject): Comparison {
  const { toOrig } = correlation;
  return { orig, patched, toOrig, comparer: createComparer(orig, patched, toOrig) };
}

/** The changed functions of an object in order of their place, each with the reason. */
export function explainChanges(object: ChangedObject, both: Comparison): ChangedFunction[] {
  return object.patched.atoms.flatMap((atom) => {
    if (!isRuntimeFunction(atom) || object.status[atom.index] !== AtomStatus.changed) return [];
    return [explainChange(object, both, atom)];
  });
}

export function explainChange(object: ChangedObject, both: Comparison, atom: Atom): ChangedFunction {
  const counterpart = originalOf(both, atom);
  const difference = object.differences.get(atom.index);
  const { name, sourceFile } = atom;
  if (counterpart === undefined || difference === undefined) {
    return { name, sourceFile, kind: 'code', reason: 'it changed', orig: null, patched: null, modulo: [] };
  }
  const { named, excerpts } = toldApart(explainDifference(object, both, counterpart, atom, difference));
  return {
    name,
    sourceFile,
    kind: named.kind,
    reason: withoutControls(named.reason),
    orig: orNull(excerpts.orig),
    patched: orNull(excerpts.patched),
    modulo: moduloNames(object.modulo.get(atom.index) ?? 0),
  };
}

const orNull = (lines: CodeExcerpt): CodeExcerpt | null => (lines.length === 0 ? null : lines);

interface Explained {
  readonly named: Named;
  readonly excerpts: Excerpts;
}

/**
 * Things may differ without looking different: two variables of one name, one of them gone after boot. Then it is
 * said that they do, because lines that read alike explain nothing.
 */
function toldApart({ named, excerpts }: Explained): Explained {
  const [olds, news] = [excerpts.orig, excerpts.patched].map((lines) => lines.filter((line) => line.differs));
  const alike = olds.length === news.length && olds.every((line, k) => isDeepStrictEqual(line, news[k]));
  if (olds.length === 0 || !alike) return { named, excerpts };
  const last = textLine(olds[olds.length - 1].of, 'reads alike, but is not the same thing in the original');
  return { named, excerpts: { orig: excerpts.orig, patched: [...excerpts.patched, last] } };
}

function explainDifference(
  object: ChangedObject,
  both: Comparison,
  a: Atom,
  b: Atom,
  difference: Difference,
): Explained {
  const { kind, text } = difference;
  if (kind === 'section') return { named: { kind, reason: text }, excerpts: sections(both, a, b) };
  if (kind === 'constant') return explainConstant(object, both, a, b, difference);
  if (kind === 'cold-part') return explainCold(object, both, b, text);
  if (!isCode(a.role) || !isCode(b.role)) {
    return { named: { kind: 'contents', reason: text }, excerpts: excerptsOfLiterals(both, a, b, 0) };
  }
  if (kind === 'special-section') return explainEntries(both, a, b, difference);
  return codeExcerpt(both, a, b, difference);
}

/** Where something stands, when that is what changed. */
function sections({ orig, patched }: Comparison, a: Atom, b: Atom): Excerpts {
  const line = (model: ObjectModel, atom: Atom): CodeExcerpt => [
    textLine('', `${atomTitle(model, atom)} in ${atomSection(model, atom).name}`),
  ];
  return { orig: line(orig, a), patched: line(patched, b) };
}

/** A function that is as it was but for a constant that it reads: the place of use, then both constants. */
function explainConstant(
  { patched }: ChangedObject,
  both: Comparison,
  a: Atom,
  b: Atom,
  { text, origAt, patchedAt, constant: index = -1 }: Difference,
): Explained {
  const constant = index < 0 ? undefined : patched.atoms[index];
  const before = constant === undefined ? undefined : originalOf(both, constant);
  const place = describedExcerpt(openPair(both, a, b), origAt, patchedAt);
  if (constant === undefined || before === undefined)
    return { named: { kind: 'constant', reason: text }, excerpts: place };
  const moved = both.comparer.compare(before, constant).difference?.kind === 'section';
  const contents = moved ? sections(both, before, constant) : excerptsOfLiterals(both, before, constant, 0);
  return { named: { kind: 'constant', reason: text }, excerpts: joined(place, contents) };
}

/** A function whose cold part is the one that changed: the lines are those of the cold part. */
function explainCold(object: ChangedObject, both: Comparison, parent: Atom, text: string): Explained {
  const { patched, status, differences } = object;
  const plain: Explained = {
    named: { kind: 'cold-part', reason: text },
    excerpts: { orig: [], patched: [] },
  };
  const cold = patched.atoms.find(
    (atom) =>
      coldParent(atom.name) === parent.name &&
      (atom.sourceFile === parent.sourceFile || parent.sourceFile === '') &&
      status[atom.index] !== AtomStatus.same &&
      differences.get(atom.index)?.kind !== 'cold-part',
  );
  if (cold === undefined) return plain;
  const counterpart = originalOf(both, cold);
  const difference = differences.get(cold.index);
  if (counterpart === undefined || difference === undefined)
    return { ...plain, excerpts: { orig: [], patched: [textLine(cold.name, `new, ${cold.size} bytes`)] } };
  const { named, excerpts } = explainDifference(object, both, counterpart, cold, difference);
  const ofCold = (lines: CodeExcerpt): CodeExcerpt =>
    lines.map((line) => (line.of === '' ? { ...line, of: cold.name } : line));
  return {
    named: { kind: 'cold-part', reason: `${cold.name} changed: ${named.kind}: ${named.reason}` },
    excerpts: { orig: ofCold(excerpts.orig), patched: ofCold(excerpts.patched) },
  };
}

/** The first entries, by section and described place, that only one side has or that differ. */
function explainEntries(both: Comparison, a: Atom, b: Atom, difference: Difference): Explained {
  const { orig, patched } = both;
  const xs = entriesByPlace(orig, a);
  const ys = entriesByPlace(patched, b);
  for (const key of [...new Set([...xs.keys(), ...ys.keys()])].sort()) {
    const [olds, news] = [xs.get(key) ?? [], ys.get(key) ?? []];
    for (let k = 0; k < Math.max(olds.length, news.length); k++) {
      const [x, y] = [olds.at(k), news.at(k)];
      const differs =
        x === undefined || y === undefined || both.comparer.compare(x, y).difference !== undefined;
      if (differs) return explainEntry(both, a, b, x, y);
    }
  }
  // The entries are the same, in another order.
  return { named: { kind: 'special-section', reason: difference.text }, excerpts: { orig: [], patched: [] } };
}

function explainEntry(
  both: Comparison,
  a: Atom,
  b: Atom,
  x: Atom | undefined,
  y: Atom | undefined,
): Explained {
  const { orig, patched } = both;
  const pair = openPair(both, a, b);
  const at = x === undefined ? (y === undefined ? 0 : describedPlace(patched, y)) : describedPlace(orig, x);
  const entries: Excerpts =
    x === undefined || y === undefined
      ? {
          orig: x === undefined ? [] : [entryLine(orig, x, true)],
          patched: y === undefined ? [] : [entryLine(patched, y, true)],
        }
      : excerptsOfLiterals(both, x, y, 0);
  const excerpts = joined(describedExcerpt(pair, at, at), entries);
  return { named: { kind: 'special-section', reason: entryReason(both, x, y, at) }, excerpts };
}

function entryReason(both: Comparison, x: Atom | undefined, y: Atom | undefined, at: number): string {
  const where = `at +0x${at.toString(16)}`;
  const tell = (model: ObjectModel, entry: Atom): string =>
    `${atomSection(model, entry).name} \`${describeEntry(model, entry)}\``;
  if (y === undefined) return x === undefined ? '' : `${tell(both.orig, x)} ${where} is gone`;
  if (x === undefined) return `${tell(both.patched, y)} ${where} is new`;
  const [before, after] = [tell(both.orig, x), tell(both.patched, y)];
  return before === after ? `what ${before} ${where} leads to differs` : `${before} ${where} became ${after}`;
}

/** Entries by a key that sorts by section and described place. */
function entriesByPlace(model: ObjectModel, atom: Atom): Map<string, Atom[]> {
  const found = new Map<string, Atom[]>();
  for (const index of model.entries[atom.index]) {
    const entry = model.atoms[index];
    const place = Math.max(0, describedPlace(model, entry)).toString(16).padStart(14, '0');
    const key = `${atomSection(model, entry).name} ${place}`;
    const list = found.get(key);
    if (list === undefined) found.set(key, [entry]);
    else list.push(entry);
  }
  return found;
}
