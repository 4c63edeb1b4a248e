/**
 * Branches that lead past the entry of what is patched, from code that may still run. A replaced function is not
 * entered any more, so what its old body does is of no matter, nor is what only the old body runs: its cold part, code
 * behind its end, fixups of its faults. Such parts count only when something else branches to them.
 */
import type { AddressMap } from '../../atlas/address-map.js';
import type { Branch, PlaceRange } from '../../atlas/branches.js';
import { branchesInto, RangeSet } from '../../atlas/branches.js';
import type { CodePiece, CodePieces } from '../../atlas/code-pieces.js';
import type { Patch } from './patches.js';
import { replacesBody } from './patches.js';

/** How often parts of parts are looked for; what is still unknown then is taken to run. */
const ROUNDS = 4;

export interface PatchedCode {
  /** Branches to behind the first patched byte of some patch, from code that may run. */
  readonly live: readonly Branch[];
  /** Parts of the hypervisor that branch there, whether they run or not. */
  readonly returning: ReadonlySet<CodePiece>;
}

/** Finds them for all patches at once. */
export function branchesPastEntries(
  map: AddressMap,
  pieces: CodePieces,
  patches: readonly Patch[],
): PatchedCode {
  const replaced = new RangeSet(
    patches.filter(replacesBody).flatMap(({ body }) => (body === undefined ? [] : [body])),
  );
  const found = branchesInto(pieces, patches.flatMap(rangesBehindEntry), replaced).filter(
    // What a payload has to say to code that is not its own it says by relocations, which are looked at themselves.
    (branch) => branch.piece.section.owner === map.sectionAt(branch.to)?.owner,
  );
  const parts = found.map(({ piece }) => piece).filter((piece) => piece.kind === 'part');
  const running = runningParts(pieces, new Set(parts), replaced);
  return {
    live: found.filter(({ piece }) => piece.kind === 'function' || running.has(piece)),
    returning: new Set(parts),
  };
}

/** What must not be entered but from before: the patched bytes, and the old body behind them if it is replaced. */
function rangesBehindEntry(patch: Patch): PlaceRange[] {
  const { start, end, body } = patch;
  if (body === undefined) return [];
  return [{ start: start + 1, end: replacesBody(patch) ? Math.max(end, body.end) : end }];
}

/** Those parts that something may run which is not replaced. */
function runningParts(
  pieces: CodePieces,
  parts: ReadonlySet<CodePiece>,
  replaced: RangeSet,
): ReadonlySet<CodePiece> {
  const running = new Set<CodePiece>();
  const enters = new Map<CodePiece, Set<CodePiece>>();
  let unknown = [...parts];
  for (let round = 0; round < ROUNDS && unknown.length > 0; round++) {
    const next = new Set<CodePiece>();
    for (const { from, to } of entriesInto(pieces, unknown, replaced)) {
      const entered = pieces.at(to);
      const source = pieces.at(from);
      if (entered === undefined || source === undefined || source === entered) continue;
      if (source.section.owner !== entered.section.owner) continue;
      if (source.kind === 'function') running.add(entered);
      else if (!enters.has(source) && !parts.has(source)) next.add(source);
      enters.set(source, (enters.get(source) ?? new Set()).add(entered));
    }
    unknown = [...next];
  }
  for (const part of unknown) running.add(part);
  for (const part of running) for (const entered of enters.get(part) ?? []) running.add(entered);
  return running;
}

function entriesInto(
  pieces: CodePieces,
  parts: readonly CodePiece[],
  replaced: RangeSet,
): { readonly from: number; readonly to: number }[] {
  const entered = new RangeSet(parts);
  const faults = pieces.exceptions
    .filter(({ at, to }) => entered.has(to) && !replaced.has(at))
    .map(({ at, to }) => ({ from: at, to }));
  return [...branchesInto(pieces, parts, replaced), ...faults];
}
