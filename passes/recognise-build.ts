/** Reads: changed-objects. Makes: changed-objects. Assumes: every pair has its verdict. Reports: XS210, XS211, XS212, XS313. */
import type { PassContext, SerialPass } from '../src/engine/pass.js';
import type { Diagnostic } from '../src/diag/diagnostic.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import type { ChangedObjects, PairDiff } from '../src/model/artifacts.js';

/**
 * Says once what would otherwise be said a thousand times: that the two sides were not made in the same way. Then
 * nearly every function differs, and none of it is a patch.
 */
export const recogniseBuild: SerialPass<ChangedObjects, ChangedObjects> = {
  name: 'recognise-build',
  reads: 'changed-objects',
  makes: 'changed-objects',
  run: (changed, ctx) => {
    const found = otherMaker(changed.diffs) ?? mostlyChanged(changed.diffs);
    if (found !== undefined) report(found, ctx);
    checkAccepted(changed.diffs, found, ctx);
    return changed;
  },
};

interface Finding {
  readonly key: 'compiler' | 'flags';
  readonly found: Diagnostic;
}

function report({ key, found }: Finding, ctx: PassContext): void {
  const accepted = ctx.allowLost?.includes(key) === true;
  const note = accepted
    ? `accepted by --allow-lost=${key}`
    : `--allow-lost=${key} compares them all the same`;
  ctx.report({ ...found, ...(accepted && { severity: 'warning' }), notes: [...found.notes, note] });
}

const SHOWN = 3;

function listed(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function otherMaker(diffs: readonly PairDiff[]): Finding | undefined {
  const made = diffs.filter((diff) => diff.otherMaker !== undefined);
  const change = made.at(0)?.otherMaker;
  if (change === undefined) return undefined;
  const of = listed(made.map((diff) => diff.object));
  const said =
    change.what === 'compiler'
      ? diagnostic('XS210', {
          message: `the two sides come from different compilers: ${change.orig}, then ${change.patched}`,
          notes: [`seen in ${of}`],
          hint: 'build both sides with the compiler that built the running hypervisor',
        })
      : diagnostic('XS211', {
          message: `the two sides were compiled with different options: ${change.orig || 'none'}, then ${change.patched || 'none'}`,
          notes: [`seen in ${of}`],
          hint: 'build both sides with the configuration and the flags of the running hypervisor',
        });
  return { key: change.what, found: said };
}

/** From so many differing objects on, and such a share of their functions, it is no patch. */
const MANY_OBJECTS = 10;
const MOST_FUNCTIONS = 0.6;

function mostlyChanged(diffs: readonly PairDiff[]): Finding | undefined {
  const compared = diffs.filter(
    (diff) => diff.functions > 0 && diff.verdict !== 'new' && diff.verdict !== 'removed',
  );
  const functions = compared.reduce((sum, diff) => sum + diff.functions, 0);
  const changed = compared.reduce((sum, diff) => sum + diff.changed.length, 0);
  if (compared.length < MANY_OBJECTS || changed < functions * MOST_FUNCTIONS) return undefined;
  return {
    key: 'flags',
    found: diagnostic('XS212', {
      message: `${changed} of ${functions} functions in ${compared.length} objects changed: the two sides were not built in the same way`,
      notes: [`for instance ${listed(compared.map((diff) => diff.object))}`],
      hint: 'check that compiler, flags and .config are the same on both sides',
    }),
  };
}

/** An acceptance that covers nothing may cover something tomorrow. */
function checkAccepted(diffs: readonly PairDiff[], found: Finding | undefined, ctx: PassContext): void {
  const used = new Set<string>(diffs.flatMap((diff) => diff.accepted));
  if (found !== undefined) used.add(found.key);
  for (const key of ctx.allowLost ?? []) {
    if (used.has(key)) continue;
    ctx.report(
      diagnostic('XS313', {
        message: `--allow-lost=${key} accepts a loss that does not occur`,
        hint: 'remove it, or spell it as the refusal does',
      }),
    );
  }
}
