/** Reads: correlated-pair. Makes: pair-diff. Assumes: no reference is spelt by section symbol. Reports: XS301 to XS309, XS311, XS312, XS320, XS321. */
import type { ItemPass, PassOptions } from '../src/engine/pass.js';
import { AtomStatus, settledDiff } from '../src/model/artifacts.js';
import type { CorrelatedPair, PairDiff, PairVerdict } from '../src/model/artifacts.js';
import { hasErrors } from '../src/diag/diagnostic.js';
import type { Diagnostic } from '../src/diag/diagnostic.js';
import { acceptLost } from '../src/model/accepted.js';
import { isLiteral } from '../src/model/compare.js';
import { moduloNames } from '../src/model/difference.js';
import { bringUpChanges } from '../src/model/bring-up-changes.js';
import { missedEntries } from '../src/model/entry-points.js';
import { judgeAtoms } from '../src/model/judge.js';
import type { Judgement } from '../src/model/judge.js';
import { lineNumberField } from '../src/model/line-numbers.js';
import { debugFindings } from '../src/model/layouts.js';
import { lostAtoms } from '../src/model/lost-changes.js';
import { lostSections } from '../src/model/lost-sections.js';
import { isRuntimeFunction } from '../src/model/object-model.js';
import type { Atom } from '../src/model/object-model.js';

/**
 * Tells changed, new and unchanged atoms apart. A change that no payload can bring into a running hypervisor
 * (initial values, boot code) becomes a diagnostic of the pair, never silence.
 */
export const diffFunctions: ItemPass<CorrelatedPair, PairDiff, PairDiff> = {
  name: 'diff-functions',
  reads: 'correlated-pair',
  makes: 'pair-diff',
  each: (pair, ctx) => ({ next: diffPair(pair, ctx) }),
};

function diffPair(pair: CorrelatedPair, options: PassOptions): PairDiff {
  const { orig, patched, correlation } = pair;
  const reporters = [...options.target.reporters, ...(options.reporters ?? [])];
  const judged = judgeAtoms(pair, (a, b, at) => lineNumberField(orig, a, patched, b, at, reporters));
  const { status, differences } = judged;
  const debug = debugFindings(pair, status);
  const losses = [
    ...lostAtoms(pair, judged),
    ...lostSections(pair),
    ...missedEntries(pair, status),
    ...debug.losses,
  ];
  const { diagnostics, accepted } = acceptLost(losses, options.allowLost ?? [], patched, status);

  const functions = patched.atoms.filter((a) => isRuntimeFunction(a));
  const removed = orig.atoms
    .filter((a) => isRuntimeFunction(a) && correlation.toPatched[a.index] < 0)
    .map((a) => a.name);
  const late = bringUpChanges(pair, status);
  const verdict = verdictOf(pair, diagnostics, status, removed);
  return {
    ...settledDiff(pair.object, verdict, [...diagnostics, ...debug.warnings, ...late]),
    added: namesWith(pair, status, AtomStatus.added),
    carried: namesWith(pair, status, AtomStatus.carried),
    removed,
    equal: equalModulo(functions, judged),
    functions: functions.length,
    layouts: debug.layouts,
    ...(debug.otherMaker && { otherMaker: debug.otherMaker }),
    accepted,
    ...(isOfUse(pair, verdict, options) && {
      detail: { ...pair, status, differences, modulo: judged.modulo },
    }),
  };
}

function namesWith({ patched }: CorrelatedPair, status: Uint8Array, wanted: number): string[] {
  return patched.atoms
    .filter((a) => a.name !== '' && !isLiteral(a) && status[a.index] === wanted)
    .map((a) => a.name);
}

/**
 * Whether what follows needs the graph: something changed, is asked for, or got a name by which others may
 * refer to it.
 */
function isOfUse({ orig, patched }: CorrelatedPair, verdict: PairVerdict, options: PassOptions): boolean {
  if (verdict !== 'unchanged' || (options.explain ?? []).length > 0) return true;
  if (options.dropGraphs === true) return false;
  const { names, firstGlobal } = orig.file.symbols;
  const known = new Set(names.slice(firstGlobal));
  return patched.file.symbols.names.slice(patched.file.symbols.firstGlobal).some((name) => !known.has(name));
}

/** Functions that are not equal byte for byte and yet do the same, with the names of what was overlooked. */
function equalModulo(functions: readonly Atom[], { status, modulo }: Judgement): PairDiff['equal'] {
  return functions.flatMap((atom) => {
    const respects = modulo.get(atom.index) ?? 0;
    if (respects === 0 || status[atom.index] !== AtomStatus.same) return [];
    return [{ name: atom.name, modulo: moduloNames(respects) }];
  });
}

function verdictOf(
  pair: CorrelatedPair,
  lost: readonly Diagnostic[],
  status: Uint8Array,
  removed: readonly string[],
): PairVerdict {
  if (hasErrors(lost)) return 'refused';
  if (pair.orig.file.sections.length === 0) return 'new';
  if (pair.patched.file.sections.length === 0) return 'removed';
  return status.some((s) => s !== AtomStatus.same) || removed.length > 0 ? 'changed' : 'unchanged';
}
