/**
 * Which objects of a built tree are in the hypervisor, each one as it enters it.
 *
 * A tree holds more .o files than that: aggregates (built_in.o, prelink.o), host tools, 32-bit boot pieces
 * that enter as bytes of another object, link-time stubs. And some are changed on their way: `X.init.o` is
 * `X.o` with its sections renamed to .init.*, and libelf.o is a link of four objects renamed likewise. If the
 * four were compared, code that is freed after boot would look like code that can be patched. So the link is
 * followed from its end, by the commands that the makefiles record:
 *
 *   .prelink.o.cmd    cmd_prelink.o := ld … -r -o prelink.o common/built_in.o … lib/lib.a
 *   .built_in.o.cmd   cmd_common/built_in.o := ld … -o common/built_in.o common/bitmap.o …
 *
 * through aggregates and archives, and what is reached is taken as it is. Trees before 4.15 have no such
 * records for links; there, objects are taken by their names.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';

const AGGREGATE = /(?:^|\/)(?:built_in(?:_bin)?\.o|prelink(?:_lto)?\.o|[^/]+\.a)$/;

/** Names in the fallback that are in no hypervisor, or enter it under another name. */
const NOT_LINKED = /(?:^|\/)(?:\.[^/]*|note|check|relocs-dummy|buildid|symbols-dummy|[^/]*-temp)\.o$/;
const NOT_HYPERVISOR = new Set(['tools', 'test', 'scripts']);

/** Whether `object` is made on the way to the link and none of its code gets there. */
export function isByproduct(object: string): boolean {
  return NOT_LINKED.test(object);
}

/** Paths of the linked objects relative to `xen` (the absolute xen/ folder of a built tree), sorted. */
export async function linkedObjects(xen: string): Promise<readonly string[]> {
  return [...(await linkInputs(xen)).keys()];
}

/**
 * The same, each with whether it is a member of an archive: of those a linker takes only what something needs. Sorted.
 */
export async function linkInputs(xen: string): Promise<ReadonlyMap<string, boolean>> {
  const found = new Map<string, boolean>();
  const seen = new Set<string>();
  const starts = ['prelink.o', 'arch/x86/prelink.o'];
  const queue = [...starts];
  for (const object of queue) {
    for (const input of (await recordedInputs(xen, object)) ?? []) {
      if (seen.has(input)) continue;
      seen.add(input);
      if (AGGREGATE.test(input)) queue.push(input);
      else found.set(input, object.endsWith('.a'));
    }
  }
  const followed = found.size > 0 && (await allRecorded(xen, queue));
  const names = followed ? [...found.keys()].sort() : await objectsByName(xen);
  return new Map(names.map((name) => [name, followed && found.get(name) === true]));
}

/** Whether every aggregate that was met has a record, so that nothing is missing below it. */
async function allRecorded(xen: string, aggregates: readonly string[]): Promise<boolean> {
  const inner = aggregates.filter((a) => !a.endsWith('prelink.o'));
  const records = await Promise.all(inner.map((a) => recordedInputs(xen, a)));
  return records.every((r) => r !== undefined);
}

/** The .o and .a files that the recorded command of `object` reads; undefined without a record. */
async function recordedInputs(xen: string, object: string): Promise<readonly string[] | undefined> {
  const folder = posix.dirname(object);
  const record = join(xen, folder, `.${posix.basename(object)}.cmd`);
  const text = await readFile(record, 'latin1').catch(() => undefined);
  const command = text === undefined ? undefined : /^cmd_\S+ := (.*)$/m.exec(text)?.[1];
  if (command === undefined) return undefined;
  const words = command.split(/[\s;]+/).filter((word) => /\.[oa]$/.test(word) && !word.startsWith('-'));
  return words.map((word) => relativeTo(xen, folder, word, object)).filter((word) => word !== object);
}

/** Words are relative to xen/ since 4.17; before, to the folder of the makefile, or absolute. */
function relativeTo(xen: string, folder: string, word: string, object: string): string {
  if (word.startsWith('/')) return posix.relative(xen, word);
  if (folder === '.' || word.startsWith(`${folder}/`)) return posix.normalize(word);
  const sameFolder = posix.join(folder, word);
  return posix.basename(object) === word ? object : sameFolder;
}

async function objectsByName(xen: string): Promise<readonly string[]> {
  const entries = await readdir(xen, { recursive: true, withFileTypes: true });
  const all = entries
    .filter((e) => e.isFile() && e.name.endsWith('.o'))
    .map((e) => posix.relative(xen, join(e.parentPath, e.name)))
    .filter((path) => !NOT_HYPERVISOR.has(path.split('/')[0] ?? ''));
  const present = new Set(all);
  const bit32 = await Promise.all(all.map((path) => isElf32(join(xen, path))));
  return all
    .filter((path, i) => !AGGREGATE.test(path) && !NOT_LINKED.test(path) && bit32[i] === false)
    .filter((path) => !present.has(path.replace(/\.o$/, '.init.o')))
    .filter((path) => !isJoined(path, present))
    .sort();
}

/** Whether F/x.o is part of F/F.o, which the makefiles make of F/F-temp.o (libelf). */
function isJoined(path: string, present: ReadonlySet<string>): boolean {
  const folder = posix.basename(posix.dirname(path));
  const joined = posix.join(posix.dirname(path), folder);
  return present.has(`${joined}-temp.o`) && path !== `${joined}.o`;
}

/** The 32-bit pieces of the boot path; EI_CLASS (gABI, "ELF Identification") is byte 4, ELFCLASS32 is 1. */
async function isElf32(path: string): Promise<boolean> {
  const bytes = await readFile(path);
  return bytes[4] === 1;
}
