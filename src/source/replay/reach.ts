/**
 * What a patch reaches: the units whose recorded inputs it changes, and what is made of their objects.
 *
 * Everything that a record names is either compiled again, or proven not to change (a generated file that comes out the
 * same, see Probe), or has no part in objects (linker scripts), or else the whole is left to make. What no record names
 * is left to make as well: something that leaves no records reads it.
 */
import { posix } from 'node:path';
import { isByproduct } from '../linked-objects.js';
import type { CompileCommand } from './compile-command.js';
import { judgeCompile } from './compile-command.js';
import { splitCommand, unescapeRecord } from './command-words.js';
import type { LinkStep } from './link-steps.js';
import { judgeLinkStep } from './link-steps.js';
import { offsetsArguments } from './offsets.js';
import type { BuildRecord } from './records.js';
import { parseDepfile, parseRecord, readRecord, targetOf } from './records.js';
import { refuse } from './refusal.js';
import type { Refusal } from './refusal.js';
import { realPath } from './tree-listing.js';
import type { TreeListing } from './tree-listing.js';

/** A translation unit: one source file and the object made of it. */
export interface Unit {
  readonly object: string;
  readonly command: CompileCommand;
  /** Path of the source behind all links. */
  readonly realSource: string;
  /** Recorded inputs, real paths relative to xen/. */
  readonly deps: readonly string[];
  /** The same as the compiler names them. */
  readonly named: readonly string[];
}

/** A generated file that must come out as it is, or the patch reaches what is made from it. */
export interface Probe {
  readonly target: string;
  readonly program: string;
  /** Arguments that write `output`. */
  readonly args: readonly string[];
  readonly output: string;
  readonly deps: readonly string[];
}

export interface Reach {
  /** Sorted by object. */
  readonly units: readonly Unit[];
  /** In the order in which they can be done. */
  readonly steps: readonly LinkStep[];
  /** Objects of the hypervisor that may change, sorted. */
  readonly objects: readonly string[];
  readonly probes: readonly Probe[];
}

type OrRefused<T> = T | { readonly refused: Refusal };

/** Records of host tools and tests: no part of the hypervisor. */
const APART = /^(?:tools|test|scripts)\//;

/** Real paths relative to xen/. */
export interface Changes {
  /** What the patch changes. */
  readonly touched: ReadonlySet<string>;
  /**
   * Sources that were edited since the last build. Objects that they make stale are dealt with one by one; what is
   * generated from them must not be stale, because any unit may read it.
   */
  readonly edited: ReadonlySet<string>;
}

/**
 * Finds what changes with files of a listed tree, whose hypervisor is linked from `linked`. Throws operating system
 * errors.
 */
export function findReach(
  listing: TreeListing,
  linked: readonly string[],
  { touched, edited }: Changes,
): OrRefused<Reach> {
  const texts = new Map<string, string>();
  for (const path of listing.records)
    if (!APART.test(path)) texts.set(targetOf(path), readRecord(listing.xen, path));
  const any = new Set([...touched, ...edited]);
  const named = namesOf(listing, any);
  const mentions = (text: string): boolean => named.some((name) => text.includes(name));
  const units: Unit[] = [];
  const probes: Probe[] = [];
  const known = new Set<string>();
  for (const [target, text] of texts) {
    if (!mentions(text)) continue;
    const byproduct = isByproduct(target) && !linked.includes(target);
    const found = judgeRecord(
      listing,
      { target, text, byproduct },
      target.endsWith('.o') ? touched : any,
      known,
    );
    if (found === undefined) continue;
    if ('refused' in found) return found;
    if ('object' in found) units.push(found);
    else probes.push(found);
  }
  for (const path of listing.depfiles) {
    if (APART.test(path)) continue;
    const text = readRecord(listing.xen, path);
    const found = mentions(text) ? judgeDepfile(listing, path, text, any, known, units) : undefined;
    if (found === undefined) continue;
    if ('refused' in found) return found;
    probes.push(found);
  }
  const unnamed = [...touched].find((path) => !known.has(path));
  if (unnamed !== undefined) return refuse('unrecorded', `no record of the build names xen/${unnamed}`);
  return follow(texts, linked, units, probes);
}

/** What a text that names one of the files must contain: their last components, and those of links to them. */
function namesOf(listing: TreeListing, touched: ReadonlySet<string>): readonly string[] {
  const links = [...listing.links.keys()].filter((path) => touched.has(realPath(listing, path)));
  return [...new Set([...touched, ...links].map((path) => posix.basename(path)))];
}

/** undefined if the record has nothing to do with the touched files. */
function judgeRecord(
  listing: TreeListing,
  {
    target,
    text,
    byproduct,
  }: { readonly target: string; readonly text: string; readonly byproduct: boolean },
  touched: ReadonlySet<string>,
  known: Set<string>,
): OrRefused<Unit | Probe> | undefined {
  const record = parseRecord(text, target);
  if (record === undefined) return refuse('unknown-record', `the record of ${target} cannot be read`);
  const plain = unescapeRecord(record.command) ?? '';
  const words = splitCommand(plain);
  const read = [...(record.deps ?? []), ...(words ?? plain.split(/[\s;'"]+/))];
  const real = read.map((path) => realPath(listing, path));
  const hits = real.filter((path) => touched.has(path));
  if (hits.length === 0) return undefined;
  for (const path of hits) known.add(path);
  // Neither linker scripts nor what only tries out the tools has a part in objects.
  if (target.endsWith('.lds') || byproduct) return undefined;
  if (words === undefined || record.deps === undefined) {
    if (target.endsWith('.o'))
      return refuse('unknown-record', `the command recorded for ${target} is not a plain one`);
    return refuse('generated', `${target} is generated from xen/${hits[0] ?? ''}`);
  }
  return target.endsWith('.o')
    ? unitOf(listing, record, words, record.deps)
    : probeOf(listing, record, words, record.deps, hits[0] ?? '');
}

function unitOf(
  listing: TreeListing,
  record: BuildRecord,
  words: readonly string[],
  deps: readonly string[],
): OrRefused<Unit> {
  const judged = judgeCompile(words, record.target);
  if ('unknown' in judged)
    return refuse(
      'unknown-record',
      `the command recorded for ${record.target} is not known: ${judged.unknown}`,
    );
  const real = [...new Set(deps.map((path) => realPath(listing, path)))];
  const realSource = realPath(listing, judged.command.source);
  if (!real.includes(realSource))
    return refuse('unknown-record', `the record of ${record.target} does not name its source`);
  return { object: record.target, command: judged.command, realSource, deps: real, named: deps };
}

function probeOf(
  listing: TreeListing,
  { target }: BuildRecord,
  words: readonly string[],
  deps: readonly string[],
  hit: string,
): OrRefused<Probe> {
  const mode = words.includes('-E') ? '-E' : '-S';
  const judged = judgeCompile(words, target, mode);
  if ('unknown' in judged) return refuse('generated', `${target} is generated from xen/${hit}`);
  const { program, args, output } = judged.command;
  return { target, program, args, output, deps: deps.map((path) => realPath(listing, path)) };
}

/** Dependencies without a record: those of asm-offsets.s, whose command is like that of any unit. */
function judgeDepfile(
  listing: TreeListing,
  path: string,
  text: string,
  touched: ReadonlySet<string>,
  known: Set<string>,
  units: readonly Unit[],
): OrRefused<Probe> | undefined {
  const target = targetOf(path);
  const named = parseDepfile(text);
  const deps = named.map((dep) => realPath(listing, dep));
  const hits = deps.filter((dep) => touched.has(dep));
  if (hits.length === 0) return undefined;
  for (const hit of hits) known.add(hit);
  const like = units.find(({ command }) => command.source.endsWith('.c'));
  const source = named.find((dep) => dep.endsWith('.c'));
  if (target !== 'asm-offsets.s' || like === undefined || source === undefined)
    return refuse('generated', `${target} is generated from xen/${hits[0] ?? ''}`);
  const args = offsetsArguments(like.command, source, target);
  return { target, program: like.command.program, args, output: `${target}.new`, deps };
}

/** Follows units to the link. */
function follow(
  texts: ReadonlyMap<string, string>,
  linked: readonly string[],
  units: readonly Unit[],
  probes: readonly Probe[],
): OrRefused<Reach> {
  const changed = new Set(units.map(({ object }) => object));
  const used = new Set<string>();
  const steps: LinkStep[] = [];
  const visited = new Map<string, boolean>();
  /** Whether `object` changes; puts the steps on the way to it behind those on which they rest. */
  const changes = (object: string): boolean => {
    if (changed.has(object)) {
      used.add(object);
      return true;
    }
    const before = visited.get(object);
    if (before !== undefined) return before;
    visited.set(object, false);
    const step = stepOf(texts, object);
    const hit = step !== undefined && step.inputs.map(changes).includes(true);
    if (hit) steps.push(step);
    visited.set(object, hit);
    return hit;
  };
  const objects = linked.filter(changes);
  const astray = units.find(({ object }) => !used.has(object));
  if (astray !== undefined)
    return refuse('other-way', `how ${astray.object} gets into the hypervisor is not recorded`);
  const sorted = [...units].sort((a, b) => (a.object < b.object ? -1 : 1));
  return { units: sorted, steps, objects: [...objects].sort(), probes };
}

/** The step that makes `object` of others; undefined for what is compiled, and for what is not understood. */
function stepOf(texts: ReadonlyMap<string, string>, object: string): LinkStep | undefined {
  const command = /^cmd_\S+ := *(.*)$/m.exec(texts.get(object) ?? '')?.[1];
  const plain = command === undefined ? undefined : unescapeRecord(command);
  if (plain === undefined || !/(?:objcopy|ld)\b/.test(plain)) return undefined;
  const judged = judgeLinkStep(plain, object);
  return 'unknown' in judged ? undefined : judged.command;
}
