/**
 * Makes objects of units by their recorded commands, or takes them from the cache.
 *
 * Three things are changed in a command, none of which shows in the object: it writes elsewhere, all dependencies are
 * asked for, system headers included, and the assembler is asked what it reads (.include, .incbin). What was read is
 * an ingredient of the cache. That an object is made of what the assembler reads cannot be told of one that has its own
 * assembler (Clang), and its objects are not kept.
 */
import { readFileSync, symlinkSync, lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
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
  /** The compiler as the records name it. */
  readonly program: string;
  readonly toolchain: Toolchain;
  /** The name that it leaves in objects. */
  readonly compilerName: string | undefined;
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
  side.setObject(object, side.outPath(object));
  const read = filesRead(bench, side, unit);
  const astray = read.find((path) => side.isAstray(path));
  if (astray !== undefined) return { refusedWith: [`${object} reads ${astray}`] };
  const ingredients = asksAssembler(bench, unit) ? ingredientsOf(side, read, begin) : undefined;
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
  const { env, signal } = bench;
  const args = argumentsFor(bench, side, unit);
  const run = await runProgram(bench.toolchain.compiler, args, { cwd: side.place(), env, signal });
  if (!run.ok) return run.output;
  if (objcopy === undefined) return undefined;
  const renaming = renamingArguments(unit.command, unit.object, unit.realSource);
  const renamed = await runProgram(objcopy, renaming, { cwd: side.out, env, signal });
  return renamed.ok ? undefined : renamed.output;
}

/** Where the compiler and the assembler say what they read. */
function depfileOf(side: Side, { object }: Unit, by: 'compiler' | 'assembler'): string {
  const suffix = by === 'compiler' ? 'd' : 'as.d';
  return side.outPath(posix.join(posix.dirname(object), `.${posix.basename(object)}.${suffix}`));
}

/** A comma would end the option that names the file. */
function asksAssembler({ toolchain, scratch }: Workbench, { object }: Unit): boolean {
  return toolchain.tellsIncludes && !`${scratch}${object}`.includes(',');
}

function argumentsFor(bench: Workbench, side: Side, unit: Unit): readonly string[] {
  const { args, depfile, output } = unit.command;
  const written = new Map([
    ['-o', side.outPath(output)],
    ['-MF', depfileOf(side, unit, 'compiler')],
  ]);
  const all = args.map((word, k) => written.get(args[k - 1] ?? '') ?? (word === '-MMD' ? '-MD' : word));
  const more =
    depfile === undefined ? ['-MD', '-MF', depfileOf(side, unit, 'compiler'), '-MQ', unit.object] : [];
  const asks = asksAssembler(bench, unit) ? [`-Wa,--MD,${depfileOf(side, unit, 'assembler')}`] : [];
  return [...all, ...more, ...asks];
}

/** The files that the compiler and the assembler read, as they name them. */
function filesRead(bench: Workbench, side: Side, unit: Unit): readonly string[] {
  const read = (by: 'compiler' | 'assembler'): readonly string[] =>
    parseDepfile(readFileSync(depfileOf(side, unit, by), 'latin1'));
  if (!asksAssembler(bench, unit)) return read('compiler');
  // The assembler's own input is a pipe or a temporary file, and goes by the name that .file gives it.
  const itself = new Set(['{standard', 'input}', posix.basename(unit.command.source)]);
  const assembled = read('assembler').filter((path) => !itself.has(path) && !path.startsWith(bench.scratch));
  return [...read('compiler'), ...assembled];
}

/** What an object was made from; undefined if that cannot be told, or changed while it was compiled. */
function ingredientsOf(
  side: Side,
  read: readonly string[],
  begin: number,
): readonly Ingredient[] | undefined {
  const ingredients: Ingredient[] = [];
  for (const path of new Set(read.map((name) => posix.normalize(name)))) {
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
  const written = side.outPath(probe.output);
  const args = probe.args.map((word, k) => {
    if (probe.args[k - 1] === '-o') return written;
    return probe.args[k - 1] === '-MF' ? `${written}.d` : word;
  });
  const place = { cwd: side.place(), env: bench.env, signal: bench.signal };
  const run = await runProgram(bench.toolchain.compiler, args, place);
  return run.ok && readFileSync(written).equals(present);
}

/** Does one step behind the compiler; returns what was said if it failed. */
export async function makeLinked(
  bench: Workbench,
  side: Side,
  step: LinkStep,
): Promise<readonly string[] | undefined> {
  const place = { cwd: side.out, env: bench.env, signal: bench.signal };
  side.outPath(step.output);
  for (const input of step.inputs) {
    const there = side.outPath(input);
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
  side.setObject(step.output, side.outPath(step.output));
  return undefined;
}
