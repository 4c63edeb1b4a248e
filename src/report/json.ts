/**
 * The documents that --json prints. Each names its schema and version; fields are added, never changed, within
 * a version. Paths are as the user gave them; there is nothing in them that depends on time or machine.
 */
import { hasErrors } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { DiffResult, LinkResult } from '../index.js';
import type { PairDiff, PairVerdict } from '../model/artifacts.js';
import { describeInclusion } from './inclusion.js';
import type { IncludedThing } from './inclusion.js';

export interface DiffDocument {
  readonly schema: 'xsplice-build/diff/1';
  readonly objects: readonly DiffedObject[];
  readonly summary: Readonly<Record<PairVerdict, number>>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface DiffedObject {
  readonly object: string;
  readonly verdict: PairVerdict;
  readonly changed: readonly string[];
  readonly new: readonly string[];
  readonly removed: readonly string[];
  readonly reasons: Readonly<Record<string, string>>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface BuildDocument {
  readonly schema: 'xsplice-build/build/1';
  readonly payload: PayloadSummary | null;
  readonly objects: readonly DiffedObject[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface PayloadSummary {
  readonly path: string;
  readonly size: number;
  readonly build_id: string;
  readonly depends: string;
  readonly xen_depends: string;
  readonly functions: readonly {
    readonly name: string;
    readonly old_size: number;
    readonly new_size: number;
  }[];
  readonly included: readonly IncludedThing[];
}

export function diffDocument(result: DiffResult): DiffDocument {
  return {
    schema: 'xsplice-build/diff/1',
    objects: result.diffs.map(diffedObject),
    summary: countVerdicts(result.diffs),
    diagnostics: result.diagnostics,
  };
}

export function buildDocument(result: LinkResult, path: string): BuildDocument {
  return {
    schema: 'xsplice-build/build/1',
    // Nothing was written when anything went wrong.
    payload: hasErrors(result.diagnostics) ? null : payloadSummary(result, path),
    objects: result.diffs.filter((d) => d.verdict !== 'unchanged').map(diffedObject),
    diagnostics: result.diagnostics,
  };
}

export function countVerdicts(diffs: readonly PairDiff[]): Record<PairVerdict, number> {
  const counts = { unchanged: 0, changed: 0, new: 0, removed: 0, refused: 0 };
  for (const { verdict } of diffs) counts[verdict]++;
  return counts;
}

function diffedObject(diff: PairDiff): DiffedObject {
  const { object, verdict, changed, added, removed, reasons, diagnostics } = diff;
  return { object, verdict, changed, new: added, removed, reasons, diagnostics };
}

function payloadSummary(result: LinkResult, path: string): PayloadSummary | null {
  if (result.payload === undefined) return null;
  const { bytes, buildId, resolved } = result.payload;
  const { depends, xenDepends } = resolved.context.wishes;
  return {
    path,
    size: bytes.length,
    build_id: hex(buildId),
    depends: hex(depends),
    xen_depends: hex(xenDepends),
    functions: resolved.replaced.map((r) => ({ name: r.name, old_size: r.oldSize, new_size: r.newSize })),
    included: describeInclusion(resolved),
  };
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
