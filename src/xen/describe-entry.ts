/**
 * Entries of Xen's tables in words, from their references: what the hypervisor does at the instruction that the
 * entry describes. Layouts: special-sections.ts.
 */
import { atomBytes, atomSection } from '../model/object-model.js';
import type { Atom, ObjectModel, Ref } from '../model/object-model.js';
import { bugFrameKind } from '../model/section-role.js';
import { describeTarget } from '../model/spell-target.js';

const BUG_FRAMES = ['run_fn', 'warn', 'bug', 'assert'] as const;
/** Characters that are shown of a file name or message. */
const SHOWN = 200;

/** An entry of .bug_frames.N, .ex_table or .altinstructions; of any other table its references. */
export function describeEntry(model: ObjectModel, entry: Atom): string {
  if (entry.role === 'bug-frames') return bugFrame(model, entry);
  if (entry.role === 'ex-table') return `on a fault, continue at ${target(model, entry, 4)}`;
  if (entry.role === 'altinstructions') return alternative(model, entry);
  return model.refs[entry.index].map((ref) => describeTarget(model, ref, SHOWN)).join(', ');
}

/** The line number of a bug frame, from the bits that its two displacements leave. */
export function bugFrameLine(model: ObjectModel, entry: Atom): number {
  const part = (at: number): number => (refAt(model, entry, at)?.high ?? 0) / 2 ** 24;
  return part(0) * 128 + part(4);
}

function bugFrame(model: ObjectModel, entry: Atom): string {
  const kind = bugFrameKind(atomSection(model, entry).name);
  const what = BUG_FRAMES[kind];
  // A frame of run_fn holds a function where the others have the name of their file.
  if (what === 'run_fn') return `run_fn ${target(model, entry, 4)}`;
  const message = what === 'assert' ? ` ${target(model, entry, 12)}` : '';
  return `${what}${message} in ${target(model, entry, 4)} line ${bugFrameLine(model, entry)}`;
}

function alternative(model: ObjectModel, entry: Atom): string {
  const bytes = atomBytes(model, entry);
  if (bytes.length < 12) return `an alternative of ${bytes.length} bytes`;
  const cpuid = bytes[8] | (bytes[9] << 8);
  const feature = `with feature ${cpuid >> 5}*32+${cpuid & 31}`;
  const replacement = bytes[11] === 0 ? 'nothing' : `${target(model, entry, 4)} (${bytes[11]} bytes)`;
  return `${feature}, ${bytes[10]} bytes become ${replacement}`;
}

function refAt(model: ObjectModel, entry: Atom, at: number): Ref | undefined {
  return model.refs[entry.index].find((ref) => ref.at === at);
}

function target(model: ObjectModel, entry: Atom, at: number): string {
  const ref = refAt(model, entry, at);
  return ref === undefined ? 'nothing' : describeTarget(model, ref, SHOWN);
}
