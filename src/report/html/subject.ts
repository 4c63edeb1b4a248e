/** What a report is made of: the document of `--json`, what only the build itself has, and the inputs with their hashes. */
import type { HunkRecord, LinkResult } from '../../index.js';
import type { ExplainedFunction } from '../../model/explanation.js';
import { atomSection } from '../../model/object-model.js';
import { isEntryTable } from '../../model/section-role.js';
import { describeEntry } from '../../xen/describe-entry.js';
import type { BuildDocument } from '../json.js';
import { hunkOf } from './hunks.js';
import type { Hunk } from './hunks.js';

export interface InputRow {
  readonly what: string;
  readonly path: string;
  readonly sha256: string;
}

/** Something in the payload, or of the hypervisor, and what it refers to. */
export interface GraphNode {
  readonly name: string;
  readonly kind: string;
  /** Bytes; 0 for what the hypervisor has. */
  readonly size: number;
  readonly reason: string;
}

export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  /** Offset in `from`, in hexadecimal. */
  readonly at: string;
}

export interface EntryRow {
  readonly section: string;
  /** The code that it describes. */
  readonly of: string;
  readonly says: string;
}

export interface ReportSubject {
  readonly version: string;
  readonly path: string;
  readonly document: BuildDocument;
  readonly functions: readonly ExplainedFunction[];
  readonly hunks: readonly Hunk[];
  /** False when objects were given, or a patch could not be read. */
  readonly hasSource: boolean;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly entries: readonly EntryRow[];
  readonly payload: LinkResult['payload'];
  readonly inputs: readonly InputRow[];
}

export interface SubjectRequest {
  readonly version: string;
  readonly path: string;
  readonly document: BuildDocument;
  readonly result: LinkResult;
  /** Of the patches; undefined when objects were given. */
  readonly hunks: readonly HunkRecord[] | undefined;
  readonly inputs: readonly InputRow[];
}

export function subjectOf({ version, path, document, result, hunks, inputs }: SubjectRequest): ReportSubject {
  const payload = document.payload === null ? undefined : result.payload;
  return {
    version,
    path,
    document,
    functions: result.diffs.flatMap((diff) => diff.whole),
    hunks: (hunks ?? []).map(hunkOf),
    hasSource: hunks !== undefined,
    ...graphOf(document, payload),
    entries: entriesOf(payload),
    payload,
    inputs,
  };
}

function graphOf(
  document: BuildDocument,
  payload: LinkResult['payload'],
): Pick<ReportSubject, 'nodes' | 'edges'> {
  if (payload === undefined || document.payload === null) return { nodes: [], edges: [] };
  const { atoms, bindings } = payload.resolved;
  const own: readonly GraphNode[] = document.payload.included;
  const outside = bindings.map(({ name }) => ({ name, kind: 'of the hypervisor', size: 0, reason: 'stays' }));
  const edges = atoms.flatMap(({ refs }, from) => {
    const seen = new Set<number>();
    return refs.flatMap(({ at, included, external }): GraphEdge[] => {
      const to = included >= 0 ? included : external >= 0 ? atoms.length + external : -1;
      if (to < 0 || seen.has(to)) return [];
      seen.add(to);
      return [{ from, to, at: at.toString(16) }];
    });
  });
  return { nodes: [...own, ...outside], edges };
}

function entriesOf(payload: LinkResult['payload']): EntryRow[] {
  if (payload === undefined) return [];
  const { atoms, context } = payload.resolved;
  return atoms.flatMap(({ object, atom: index, from }): EntryRow[] => {
    const { patched } = context.objects[object];
    const atom = patched.atoms[index];
    if (!isEntryTable(atom.role)) return [];
    const described = from < 0 ? undefined : patched.atoms[atoms[from].atom];
    return [
      {
        section: atomSection(patched, atom).name,
        of: described?.name ?? '',
        says: describeEntry(patched, atom),
      },
    ];
  });
}
