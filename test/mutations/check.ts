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

/** Undefined when the file is no object that can be mutated (32-bit, executable, empty), or none of a hypervisor: only payloads have hooks. */
export function subjectOf(object: string, bytes: Uint8Array): Subject | undefined {
  const file = readElf(object, bytes, () => undefined, { relocations: 'all' });
  const hooks = file?.sections.some(({ name }) => name.startsWith('.livepatch.hooks.'));
  return file === undefined || file.sections.length === 0 || hooks === true
    ? undefined
    : { object, bytes, file };
}

/**
 * Mutates and judges. 'skipped' when the mutator found nothing in this object. Hands on the view when nothing was
 * done to it, so that the next mutator need not look at the object anew.
 */
export class Bench {
  #view: View | undefined;

  constructor(
    readonly subject: Subject,
    readonly differ: Differ = theDiffer,
  ) {}

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
    const { diff, said } = this.differ(this.subject.object, orig, patched);
    const complaints = [...said, ...(diff === undefined ? ['no verdict'] : complaintsOf(diff, expected))];
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

/** What is asked: the differ, or in the tests of these tests one that errs. */
export type Differ = (
  object: string,
  orig: Uint8Array,
  patched: Uint8Array,
) => { readonly diff: PairDiff | undefined; readonly said: readonly string[] };

export const theDiffer: Differ = (object, orig, patched) => {
  const options = { target: TARGETS.xen, dropGraphs: true, verifyEach: true };
  const { results, diagnostics } = runChain(
    DIFF_PAIR_CHAIN,
    [{ object, identical: false, orig, patched }],
    options,
  );
  return { diff: results.at(0), said: diagnostics.map(({ code, message }) => `${code}: ${message}`) };
};

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
    // What is gone is told as the original calls it, before anything was numbered anew.
    ...misses(
      'removed',
      diff.removed.map(unnumbered),
      expected.removed.map(({ titles }) => ({ titles: titles.map(unnumbered) })),
    ),
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

const unnumbered = (name: string): string => name.replace(/\.\d+(?=\.|$)/g, '');

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
