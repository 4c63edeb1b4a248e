/**
 * Makes objects of units by their recorded commands, or takes them from the cache.
 *
 * Two things are added to a command, neither of which shows in the object: all dependencies are asked for, system
 * headers included, and the assembler is asked what it reads (.include, .incbin). Both are ingredients of the cache.
 */
import { readFileSync, symlinkSync, lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { LinkStep } from './link-steps.js';
import { loadedSections } from './link-steps.js';
import type { Ingredient, ObjectCache } from './object-cache.js';
import { unitKey } from './object-cache.js';
import { parseDepfile } from './records.js';
import type { Probe, Unit } from './reach.js';
import { findProgram, runProgram } from './run-program.js';
import type { Side } from './side.js';
import { programStamp } from './toolchain.js';
import type { Toolchain } from './toolchain.js';
import { objcopiesOf, renamingArguments } from './unique-symbols.js';

export interface Workbench {
  readonly toolchain: Toolchain;
  readonly env: NodeJS.ProcessEnv;
  /** The scratch folder, absolute; temporary files of compilers are below it. */
  readonly scratch: string;
  readonly cache: ObjectCache | undefined;
  readonly signal: AbortSignal | undefined;
}

/** `cached` and `compiled` objects are at hand; a refused one comes with the words of the compiler. */
export type Made = { readonly how: 'cached' | 'compiled' } | { readonly refusedWith: readonly string[] };

/** Makes the object of one unit on one side. Throws operating system errors and the signal's reason. */
export async function makeObject(bench: Workbench, side: Side, unit: Unit): Promise<Made> {
  const objcopy = renames(unit) ? findObjcopy(unit, bench) : undefined;
  if (renames(unit) && objcopy === undefined) return { refusedWith: ['objcopy: not found'] };
  const { command, object, realSource } = unit;
  const outside = [bench.toolchain.identity, objcopy === undefined ? '' : programStamp(objcopy)];
  const key = unitKey([...outside, side.names, object, realSource, command.source, ...command.args]);
  const found = await bench.cache?.find(key, (path) => side.hashOf(path));
  if (found !== undefined) {
    side.keepObject(object, found.object);
    return { how: 'cached' };
  }
  const begin = Date.now();
  const refused = await compile(bench, side, unit, objcopy);
  if (refused !== undefined) return { refusedWith: refused };
  side.setObject(object, join(side.place(), object));
  const ingredients = bench.cache && ingredientsOf(bench, side, unit, begin);
  if (ingredients !== undefined)
    await bench.cache?.store(key, ingredients, await readFile(side.objectPath(object)));
  return { how: 'compiled' };
}

function renames({ command, object }: Unit): boolean {
  return command.output !== object;
}

function findObjcopy({ command }: Unit, { env }: Workbench): string | undefined {
  return objcopiesOf(command.program)
    .map((name) => findProgram(name, env['PATH']))
    .find((path) => path !== undefined);
}

/** Compiles; returns what the compiler said if it refused. */
async function compile(
  bench: Workbench,
  side: Side,
  unit: Unit,
  objcopy: string | undefined,
): Promise<readonly string[] | undefined> {
  const place = { cwd: side.place(), env: bench.env, signal: bench.signal };
  const run = await runProgram(bench.toolchain.compiler, argumentsFor(bench, unit), place);
  if (!run.ok) return run.output;
  if (objcopy === undefined) return undefined;
  const renaming = renamingArguments(unit.command, unit.object, unit.realSource);
  const renamed = await runProgram(objcopy, renaming, place);
  return renamed.ok ? undefined : renamed.output;
}

function depfileOf({ object }: Unit): string {
  return posix.join(posix.dirname(object), `.${posix.basename(object)}.d`);
}

function assemblerDepfileOf({ object }: Unit): string {
  return posix.join(posix.dirname(object), `.${posix.basename(object)}.as.d`);
}

function argumentsFor(bench: Workbench, unit: Unit): readonly string[] {
  const { args, depfile } = unit.command;
  const all = args.map((word) => (word === '-MMD' ? '-MD' : word));
  const more = depfile === undefined ? ['-MD', '-MF', depfileOf(unit), '-MQ', unit.object] : [];
  const asks = bench.toolchain.tellsIncludes && !unit.object.includes(',');
  return [...all, ...more, ...(asks ? [`-Wa,--MD,${assemblerDepfileOf(unit)}`] : [])];
}

/** What the object was made from; undefined if that cannot be told, or changed while it was compiled. */
function ingredientsOf(
  { toolchain, scratch }: Workbench,
  side: Side,
  unit: Unit,
  begin: number,
): readonly Ingredient[] | undefined {
  if (!toolchain.tellsIncludes || unit.object.includes(',')) return undefined;
  const place = side.place();
  const compiler = parseDepfile(readFileSync(join(place, depfileOf(unit)), 'latin1'));
  const assembler = parseDepfile(readFileSync(join(place, assemblerDepfileOf(unit)), 'latin1'));
  // The assembler's own input is a pipe, or a temporary file.
  const named = assembler.filter((path) => !/^(?:\{standard|input\})$/.test(path) && !path.startsWith(scratch));
  const ingredients: Ingredient[] = [];
  for (const path of new Set([...compiler, ...named])) {
    const hash = side.isSettled(path, begin) ? side.hashOf(path) : undefined;
    if (hash === undefined) return undefined;
    ingredients.push({ path, hash });
  }
  return ingredients;
}

/** Whether a generated file comes out of the patched side as it lies in the tree, `present`. */
export async function comesOutTheSame(
  bench: Workbench,
  side: Side,
  probe: Probe,
  present: Buffer,
): Promise<boolean> {
  const place = { cwd: side.place(), env: bench.env, signal: bench.signal };
  const run = await runProgram(bench.toolchain.compiler, probe.args, place);
  return run.ok && readFileSync(join(side.place(), probe.output)).equals(present);
}

/** Does one step behind the compiler; returns what was said if it failed. */
export async function makeLinked(
  bench: Workbench,
  side: Side,
  step: LinkStep,
): Promise<readonly string[] | undefined> {
  const place = { cwd: side.place(), env: bench.env, signal: bench.signal };
  for (const input of step.inputs) {
    const there = join(side.place(), input);
    if (lstatSync(there, { throwIfNoEntry: false }) === undefined) symlinkSync(side.objectPath(input), there);
  }
  if (step.checkedBy !== undefined) {
    const objdump = findProgram(step.checkedBy, bench.env['PATH']);
    if (objdump === undefined) return [`${step.checkedBy}: not found`];
    const listing = await runProgram(objdump, ['-h', step.inputs[0] ?? ''], place);
    const loaded = loadedSections(listing.stdout);
    if (!listing.ok || loaded.length > 0) return [`${step.inputs[0] ?? ''} has ${loaded.join(', ')}`];
  }
  const program = findProgram(step.program, bench.env['PATH']);
  if (program === undefined) return [`${step.program}: not found`];
  const run = await runProgram(program, step.args, place);
  if (!run.ok) return run.output;
  side.setObject(step.output, join(side.place(), step.output));
  return undefined;
}
