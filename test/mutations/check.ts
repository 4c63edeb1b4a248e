/**
 * Puts one mutation of one object before the differ and compares what it says with what it must say: verdict,
 * functions changed, added and removed, constants carried, and the names of what is refused.
 */
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { readElf } from '../../src/elf/read.js';
import type { ElfFile } from '../../src/elf/read.js';
import { runChain } from '../../src/engine/execute.js';
import type { PairDiff } from '../../src/model/artifacts.js';
import { DIFF_PAIR_CHAIN } from '../../src/pipeline.js';
import { TARGETS } from '../../src/xen/versions.js';
import { bytesOf, draftOf } from './draft.js';
import { Abandoned } from './mutator.js';
import type { Expectation, Mutator, Titled } from './mutator.js';
import { Random } from './random.js';
import { View } from './view.js';

/** An object to mutate. */
export interface Subject {
  /** Its path, as the differ is told and failures tell it. */
  readonly object: string;
  readonly bytes: Uint8Array;
  readonly file: ElfFile;
}

/** A mutation that was answered wrongly. */
export interface Failure {
  readonly object: string;
  readonly mutator: string;
  readonly seed: number;
  readonly what: string;
  readonly complaints: readonly string[];
}

/** Undefined when the file is no object that can be mutated (32-bit, executable, empty). */
export function subjectOf(object: string, bytes: Uint8Array): Subject | undefined {
  const file = readElf(object, bytes, () => undefined, { relocations: 'all' });
  return file === undefined || file.sections.length === 0 ? undefined : { object, bytes, file };
}

/**
 * Mutates and judges. 'skipped' when the mutator found nothing in this object. Hands on the view when nothing was
 * done to it, so that the next mutator need not look at the object anew.
 */
export class Bench {
  #view: View | undefined;

  constructor(readonly subject: Subject) {}

  try(mutator: Mutator, seed: number): Failure | 'passed' | 'skipped' {
    const view = this.#view ?? new View(draftOf(this.subject.file));
    this.#view = undefined;
    const expected = attempt(mutator, view, seed);
    if (expected === 'abandoned') return 'skipped';
    if (expected === undefined) {
      this.#view = view;
      return 'skipped';
    }
    const { orig = this.subject.bytes, patched = bytesOf(view.draft) } = expected.sides ?? {};
    const complaints = judge(this.subject.object, orig, patched, expected);
    if (complaints.length === 0) return 'passed';
    return { object: this.subject.object, mutator: mutator.name, seed, what: expected.what, complaints };
  }
}

function attempt(mutator: Mutator, view: View, seed: number): Expectation | 'abandoned' | undefined {
  try {
    return mutator.apply(view, new Random(seed));
  } catch (thrown) {
    if (!(thrown instanceof Abandoned)) throw thrown;
    return 'abandoned';
  }
}

/** What the differ says wrongly of a pair; nothing when it is right. */
export function judge(
  object: string,
  orig: Uint8Array,
  patched: Uint8Array,
  expected: Expectation,
): string[] {
  const options = { target: TARGETS.xen, dropGraphs: true, verifyEach: true };
  const { results, diagnostics } = runChain(
    DIFF_PAIR_CHAIN,
    [{ object, identical: false, orig, patched }],
    options,
  );
  const said = diagnostics.map(({ code, message }) => `${code}: ${message}`);
  const diff = results.at(0);
  return diff === undefined ? [...said, 'no verdict'] : [...said, ...complaintsOf(diff, expected)];
}

function complaintsOf(diff: PairDiff, expected: Expectation): string[] {
  const nameOf = (d: Diagnostic): string => d.at?.symbol ?? d.at?.section ?? '';
  const refused = diff.diagnostics.filter(({ severity }) => severity === 'error').map(nameOf);
  const remarks = diff.diagnostics.filter((d) => d.severity !== 'error' && !isRemark(d, expected));
  const complaints = [
    ...(diff.verdict === expected.verdict ? [] : [`the verdict is ${diff.verdict}, not ${expected.verdict}`]),
    ...misses(
      'changed',
      diff.changed.map(({ name }) => name),
      expected.changed,
    ),
    ...misses('added', diff.added, expected.added),
    ...misses('carried', diff.carried, expected.carried),
    ...misses('removed', diff.removed, expected.removed),
    ...misses('refused', refused, expected.lost),
    ...remarks.map((d) => `wrongly remarked: ${d.code} of ${nameOf(d)}`),
  ];
  if (complaints.length === 0) return [];
  return [
    ...complaints,
    ...diff.changed.slice(0, 8).map(({ name, kind, reason }) => `it says of ${name}: ${kind}: ${reason}`),
    ...diff.diagnostics.slice(0, 8).map((d) => `it says ${d.code}: ${d.message}`),
  ];
}

/** That a changed function runs when processors come online is for the reader of Xen to know, not for this oracle. */
function isRemark({ code, at }: Diagnostic, { changed }: Expectation): boolean {
  return code === 'XS311' && changed.some(({ titles }) => titles.includes(at?.symbol ?? ''));
}

/** What one list has and the other has not; each found name answers for one expected thing. */
function misses(kind: string, found: readonly string[], expected: readonly Titled[]): string[] {
  const left = [...found];
  const missing = expected.filter(({ titles }) => {
    const at = left.findIndex((name) => titles.includes(name));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [
    ...left.map((name) => `wrongly ${kind}: ${name}`),
    ...missing.map(({ titles }) => `not ${kind}: ${titles[0]}`),
  ];
}
