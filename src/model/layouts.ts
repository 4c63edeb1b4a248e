/**
 * Layouts of structures under changed functions: what a function was compiled for must be what live objects have.
 * Told by the debug information of both objects, where they have it; without it nothing is known, and that is said.
 */
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { compareLayouts } from '../dwarf/compare-layouts.js';
import { describeLayoutChange } from '../dwarf/layout-change.js';
import type { LayoutChange } from '../dwarf/layout-change.js';
import { producersOf, readDwarf } from '../dwarf/read.js';
import { AtomStatus } from './artifacts.js';
import type { CorrelatedPair, LayoutVerdict } from './artifacts.js';
import type { LostChange } from './lost-changes.js';
import { makerChange, makerOf } from './makers.js';
import type { MakerChange } from './makers.js';
import { isRuntimeFunction } from './object-model.js';
import type { Atom, ObjectModel } from './object-model.js';

export interface DebugFindings {
  readonly layouts: LayoutVerdict;
  readonly losses: readonly LostChange[];
  readonly warnings: readonly Diagnostic[];
  readonly otherMaker?: MakerChange;
}

/** Lines of one type that a diagnostic shows; --json has as many. */
const SHOWN_LINES = 6;

export function debugFindings({ object, orig, patched }: CorrelatedPair, status: Uint8Array): DebugFindings {
  const none = { losses: [], warnings: [] };
  const atoms = patched.atoms.filter(
    (atom) => isRuntimeFunction(atom) && status[atom.index] !== AtomStatus.same,
  );
  const functions = atoms.map((atom) => atom.name);
  if (functions.length === 0) return { layouts: 'not needed', ...none };
  const [before, after] = [readDwarf(orig.file), readDwarf(patched.file)];
  const otherMaker = makerChange(
    makerOf(orig.file, before === undefined ? [] : producersOf(before)),
    makerOf(patched.file, after === undefined ? [] : producersOf(after)),
  );
  const maker = otherMaker === undefined ? {} : { otherMaker };
  // A file that is new has no live objects of its own types.
  if (orig.file.sections.length === 0) return { layouts: 'not needed', ...none, ...maker };
  if (before === undefined || after === undefined) return { layouts: 'not checked', ...none, ...maker };
  const { changes, unknown } = compareLayouts(before, after, functions, variablesOf(patched, atoms));
  const layouts =
    unknown.length === 0 ? 'checked' : unknown.length < functions.length ? 'partly' : 'not checked';
  const known = changes.filter(({ users }) => users.length > 0);
  const others = changes.filter(({ users }) => users.length === 0);
  return {
    layouts,
    losses: known.map((change) => lostLayout(object, change)),
    warnings: others.map((change) => otherLayout(object, change)),
    ...maker,
  };
}

/** Names of functions, with the names of what they refer to. Functions of one name share theirs. */
function variablesOf(model: ObjectModel, functions: readonly Atom[]): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { name, index } of functions) {
    const names = model.refs[index].map(({ atom, symbol }) =>
      atom >= 0 ? model.atoms[atom].name : symbol >= 0 ? model.file.symbols.names[symbol] : '',
    );
    found.set(name, [...new Set([...(found.get(name) ?? []), ...names])]);
  }
  return found;
}

function lostLayout(object: string, change: LayoutChange): LostChange {
  const { type, users } = change;
  const by = `${users.slice(0, 3).join(', ')} ${users.length === 1 ? 'uses' : 'use'}`;
  return {
    key: `layout:${type}`,
    atom: -1,
    found: diagnostic('XS320', {
      message: `the layout of ${type} changed, which ${by}; objects that live in the hypervisor have the old one`,
      at: { object },
      notes: describeLayoutChange(change, SHOWN_LINES),
      hint: 'keep the layout: put what is new into an object of its own, found by the address of the old one',
    }),
  };
}

/** A change of which no payload code is known to make use. It is said, because a cast leaves no trace. */
function otherLayout(object: string, change: LayoutChange): Diagnostic {
  return diagnostic('XS321', {
    message: `the layout of ${change.type} changed, and no function that changed is known to use it`,
    at: { object },
    notes: describeLayoutChange(change, SHOWN_LINES),
    hint: 'make sure that no function that changed comes to it by a cast; live objects have the old layout',
  });
}
