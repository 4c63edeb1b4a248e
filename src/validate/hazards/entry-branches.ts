/**
 * Reports code that goes around the entry of what is patched: into the middle of the jump or of the NOPs, which is
 * no instruction any more, or into the old body of a function that is replaced, which then goes on as if nothing had
 * been fixed.
 */
import type { Diagnostic } from '../../diag/diagnostic.js';
import { diagnostic } from '../../diag/diagnostic.js';
import type { AddressMap } from '../../atlas/address-map.js';
import type { Branch } from '../../atlas/branches.js';
import { firstAtOrAbove } from '../../atlas/extents.js';
import type { PatchedCode } from './live-branches.js';
import type { Patch } from './patches.js';
import { patchTitle, replacesBody } from './patches.js';

/** NOPs are written in pieces of up to 9 bytes; between two of them code may come in. Source: add_nops(). */
const LONGEST_NOP = 9;
const SHOWN = 3;

export function checkEntryBranches(
  map: AddressMap,
  patches: readonly Patch[],
  { live }: PatchedCode,
): Diagnostic[] {
  const byTarget = live.map((branch) => ({ start: branch.to, branch })).sort((a, b) => a.start - b.start);
  return distinct(patches).flatMap((patch) => {
    const end = Math.max(patch.end, patch.body?.end ?? 0);
    const inside = byTarget
      .slice(firstAtOrAbove(byTarget, patch.start), firstAtOrAbove(byTarget, end))
      .map(({ branch }) => branch)
      .sort((a, b) => a.from - b.from);
    const torn = inside.filter((branch) => entersPatchedBytes(patch, branch.to));
    const around = inside.filter((branch) => entersOldBody(patch, branch.to));
    return [
      ...(torn.length > 0 ? [tornDiagnostic(map, patch, torn)] : []),
      ...(around.length > 0 ? [aroundDiagnostic(map, patch, around)] : []),
    ];
  });
}

/** Each code that is patched once for each payload: a second record of the same is told as such. */
function distinct(patches: readonly Patch[]): Patch[] {
  const seen = new Set<string>();
  return patches.filter(({ home, start, end }) => {
    const key = [home.owner, start, end].join(' ');
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function entersPatchedBytes({ kind, start, end, body }: Patch, to: number): boolean {
  const between = kind === 'nops' && (to - start) % LONGEST_NOP === 0;
  // What is overwritten beyond the function is told as that.
  return to > start && to < Math.min(end, body?.end ?? end) && !between;
}

function entersOldBody(patch: Patch, to: number): boolean {
  return replacesBody(patch) && patch.body !== undefined && to >= patch.end && to < patch.body.end;
}

function tornDiagnostic(map: AddressMap, patch: Patch, branches: readonly Branch[]): Diagnostic {
  const name = patchTitle(map, patch);
  const what = patch.kind === 'jump' ? 'the jump that replaces it' : 'the NOPs that are written there';
  return diagnostic('XS617', {
    message: `${say(map, branches[0])}, into the middle of ${what}: ${name} (${patch.home.payload.name})`,
    at: map.locate(branches[0].from),
    notes: [
      `${map.title(patch.start)} to ${map.title(patch.end - 1)} are overwritten; what comes in between them executes the middle of an instruction`,
      ...others(map, branches),
    ],
    hint: `patch what branches there as well, or instead of ${name}`,
  });
}

function aroundDiagnostic(map: AddressMap, patch: Patch, branches: readonly Branch[]): Diagnostic {
  const name = patchTitle(map, patch);
  return diagnostic('XS630', {
    message: `${say(map, branches[0])}, into the old body of ${name}, which ${patch.home.payload.name} replaces: the old code goes on there`,
    at: map.locate(branches[0].from),
    notes: others(map, branches),
    hint: `replace ${map.title(branches[0].piece.start)} as well, so that it leads into the new ${name}`,
  });
}

function say(map: AddressMap, { from, to, call }: Branch): string {
  return `${map.title(from)} ${call ? 'calls' : 'jumps to'} ${map.title(to)}`;
}

function others(map: AddressMap, branches: readonly Branch[]): string[] {
  const more = branches.slice(1, SHOWN).map((branch) => say(map, branch));
  const rest = branches.length - SHOWN;
  return rest > 0 ? [...more, `and ${String(rest)} more`] : more;
}
