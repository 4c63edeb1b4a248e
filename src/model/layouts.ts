/**
 * Layouts of structures under changed functions: what a function was compiled for must be what live objects have.
 * Told by the debug information of both objects, where they have it; without it nothing is known, and that is said.
 */
import { diagnostic } from '../diag/diagnostic.js';
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

export interface DebugFindings {
  readonly layouts: LayoutVerdict;
  readonly losses: readonly LostChange[];
  readonly otherMaker?: MakerChange;
}

/** Lines of one type that a diagnostic shows; --json has as many. */
const SHOWN_LINES = 6;

export function debugFindings({ object, orig, patched }: CorrelatedPair, status: Uint8Array): DebugFindings {
  const functions = patched.atoms
    .filter((atom) => isRuntimeFunction(atom) && status[atom.index] !== AtomStatus.same)
    .map((atom) => atom.name);
  if (functions.length === 0) return { layouts: 'not needed', losses: [] };
  const [before, after] = [readDwarf(orig.file), readDwarf(patched.file)];
  const otherMaker = makerChange(
    makerOf(orig.file, before === undefined ? [] : producersOf(before)),
    makerOf(patched.file, after === undefined ? [] : producersOf(after)),
  );
  const maker = otherMaker === undefined ? {} : { otherMaker };
  // A file that is new has no live objects of its own types.
  if (orig.file.sections.length === 0) return { layouts: 'not needed', losses: [], ...maker };
  if (before === undefined || after === undefined) return { layouts: 'not checked', losses: [], ...maker };
  const { changes, unknown } = compareLayouts(before, after, functions);
  const layouts =
    unknown.length === 0 ? 'checked' : unknown.length < functions.length ? 'partly' : 'not checked';
  return { layouts, losses: changes.map((change) => lostLayout(object, change)), ...maker };
}

function lostLayout(object: string, change: LayoutChange): LostChange {
  const { type, users } = change;
  const by =
    users.length === 0
      ? ''
      : `, which ${users.slice(0, 3).join(', ')} ${users.length === 1 ? 'uses' : 'use'}`;
  return {
    key: `layout:${type}`,
    atom: -1,
    found: diagnostic('XS320', {
      message: `the layout of ${type} changed${by}; objects that live in the hypervisor have the old one`,
      at: { object },
      notes: describeLayoutChange(change, SHOWN_LINES),
      hint: 'keep the layout: put what is new into an object of its own, found by the address of the old one',
    }),
  };
}
