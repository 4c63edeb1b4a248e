/**
 * The documents that --json prints. Each names its schema and version; fields are added, never changed, within
 * a version. Paths are as the user gave them; there is nothing in them that depends on time or machine.
 */
import { hasErrors } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { DiffResult, LinkResult, SplicePlan } from '../index.js';
import type { LayoutVerdict, PairDiff, PairVerdict } from '../model/artifacts.js';
import type { ChangeKind, ChangedFunction, ExcerptLine, ExplainedFunction } from '../model/explanation.js';
import { baseSummary } from './base.js';
import type { BaseSummary } from './base.js';
import { describeInclusion } from './inclusion.js';
import type { IncludedThing } from './inclusion.js';
import { payloadFacts, replacedFunctions } from './payload.js';
import type { PayloadFacts, ReplacedSummary } from './payload.js';
import { sourceDocument } from './source.js';
import type { FromSource, SourceDocument } from './source.js';
import { validationDocument } from './validation.js';
import type { ValidationDocument } from './validation.js';

export interface DiffDocument {
  readonly schema: 'xsplice-build/diff/2';
  readonly objects: readonly DiffedObject[];
  readonly explained: readonly ExplainedDocument[];
  readonly summary: Readonly<Record<PairVerdict, number>>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface DiffedObject {
  readonly object: string;
  readonly verdict: PairVerdict;
  readonly changed: readonly ChangedDocument[];
  readonly new: readonly string[];
  /** Constants that changed and come along as new. */
  readonly carried: readonly string[];
  readonly removed: readonly string[];
  /** Functions that are equal but for what cannot matter. */
  readonly equal: PairDiff['equal'];
  /** Whether the layouts of structures under the changed functions were compared. */
  readonly layouts: LayoutVerdict;
  readonly diagnostics: readonly Diagnostic[];
}

/** A changed function; name and source_file together are unique in an object. */
export interface ChangedDocument {
  readonly name: string;
  readonly source_file: string;
  readonly kind: ChangeKind;
  readonly reason: string;
  readonly orig: readonly ExcerptLine[] | null;
  readonly patched: readonly ExcerptLine[] | null;
  readonly modulo: readonly string[];
}

/** A function shown whole, because --explain named it. */
export interface ExplainedDocument {
  readonly object: string;
  readonly name: string;
  readonly source_file: string;
  readonly verdict: ExplainedFunction['verdict'];
  readonly kind: ChangeKind | null;
  readonly reason: string;
  readonly modulo: readonly string[];
  readonly lines: readonly {
    readonly side: 'both' | 'orig' | 'patched';
    readonly orig_at: number | null;
    readonly patched_at: number | null;
    readonly bytes: string;
    readonly text: string;
    readonly refs: readonly string[];
    readonly entries: readonly string[];
  }[];
  readonly elsewhere: ExplainedFunction['elsewhere'];
}

export interface BuildDocument {
  readonly schema: 'xsplice-build/build/2';
  readonly payload: PayloadSummary | null;
  /** Path of the manifest; null when none was written. */
  readonly manifest: string | null;
  /** Whether what it replaces and relies on is what runs; null when that was not proven. */
  readonly base: BaseSummary | null;
  /** The ways to splice each function and which was taken; null without a proof and without --splice. */
  readonly plan: SplicePlan | null;
  /** What the emulated hypervisor did with it; null when it was not asked. */
  readonly validation: ValidationDocument | null;
  /** How the objects were made; null if they were given. */
  readonly source: SourceDocument | null;
  readonly objects: readonly DiffedObject[];
  readonly explained: readonly ExplainedDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface PayloadSummary extends PayloadFacts {
  readonly path: string;
  readonly functions: readonly ReplacedSummary[];
  readonly included: readonly IncludedThing[];
}

export function diffDocument(result: DiffResult): DiffDocument {
  return {
    schema: 'xsplice-build/diff/2',
    objects: result.diffs.map(diffedObject),
    explained: result.diffs.flatMap((diff) => diff.explained.map(explainedDocument)),
    summary: countVerdicts(result.diffs),
    diagnostics: result.diagnostics,
  };
}

export function buildDocument(
  result: LinkResult & FromSource,
  path: string,
  manifest?: string,
): BuildDocument {
  return {
    schema: 'xsplice-build/build/2',
    // Nothing was written when anything went wrong.
    payload: hasErrors(result.diagnostics) ? null : payloadSummary(result, path),
    manifest: manifest ?? null,
    base: result.payload === undefined ? null : baseSummary(result.payload),
    plan: result.plan ?? null,
    validation: result.validation === undefined ? null : validationDocument(result.validation),
    source: sourceDocument(result),
    objects: result.diffs.filter((d) => d.verdict !== 'unchanged').map(diffedObject),
    explained: result.diffs.flatMap((diff) => diff.explained.map(explainedDocument)),
    diagnostics: result.diagnostics,
  };
}

export function countVerdicts(diffs: readonly PairDiff[]): Record<PairVerdict, number> {
  const counts = { unchanged: 0, changed: 0, new: 0, removed: 0, refused: 0 };
  for (const { verdict } of diffs) counts[verdict]++;
  return counts;
}

function diffedObject(diff: PairDiff): DiffedObject {
  const { object, verdict, changed, added, carried, removed, equal, layouts, diagnostics } = diff;
  return {
    object,
    verdict,
    changed: changed.map(changedDocument),
    new: added,
    carried,
    removed,
    equal,
    layouts,
    diagnostics,
  };
}

function changedDocument({ sourceFile, ...rest }: ChangedFunction): ChangedDocument {
  const { name, kind, reason, orig, patched, modulo } = rest;
  return { name, source_file: sourceFile, kind, reason, orig, patched, modulo };
}

function explainedDocument(explained: ExplainedFunction): ExplainedDocument {
  const { object, name, sourceFile, verdict, kind, reason, modulo, elsewhere } = explained;
  const lines = explained.lines.map(({ side, origAt, patchedAt, ...line }) => ({
    side,
    orig_at: origAt,
    patched_at: patchedAt,
    ...line,
  }));
  return { object, name, source_file: sourceFile, verdict, kind, reason, modulo, lines, elsewhere };
}

function payloadSummary(result: LinkResult, path: string): PayloadSummary | null {
  if (result.payload === undefined) return null;
  const { payload } = result;
  return {
    path,
    ...payloadFacts(payload),
    functions: replacedFunctions(payload),
    included: describeInclusion(payload.resolved),
  };
}
