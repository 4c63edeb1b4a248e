/**
 * The whole of Xen against rebuilds of it that do the same: with debug information, with a blank line at the top of
 * every .c file, and the latter once more in a debug build, where the line number is an argument of hundreds of
 * calls. No function may come out as changed but those of rebuilds.json, each there with a reason; one that is
 * listed and does not come out is a failure too, so the list cannot rot.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pairObjectPaths } from '../../src/cli/object-paths.js';
import { diff } from '../../src/index.js';
import type { DiffResult, PairDiff } from '../../src/index.js';
import type { Check } from '../../src/qemu/scenario.js';
import { variantTree } from '../support/xen-variants.js';
import type { VariantName } from '../support/xen-variants.js';
import { REPOSITORY } from './cases.js';

interface Rebuild {
  readonly title: string;
  /** What it is a rebuild of; the tree that the cases are built from unless given. */
  readonly of?: VariantName;
  readonly tree: VariantName;
}

const REBUILDS: readonly Rebuild[] = [
  { title: 'with -g', tree: 'debug-info' },
  { title: 'with a blank line at the top of every .c file', tree: 'blank-lines' },
  {
    title: 'a debug build with a blank line at the top of every .c file',
    of: 'debug',
    tree: 'debug-blank-lines',
  },
];

/** Fewer objects, or fewer that differ in their bytes, and the trees are not what they should be. */
const AT_LEAST = { objects: 400, differing: 100 };

/** Title of a rebuild -> findings that are known, as findingsOf spells them -> reason. */
export type Explained = ReadonlyMap<string, ReadonlyMap<string, string>>;

export async function proveRebuilds(
  cache: string,
  plain: string,
  log: (line: string) => void,
  report: (check: Check) => void,
): Promise<void> {
  const explained = readExplained(
    JSON.parse(readFileSync(path.join(REPOSITORY, 'test/xen/rebuilds.json'), 'utf8')),
  );
  for (const { title, of, tree } of REBUILDS) {
    const orig = of === undefined ? path.join(plain, 'xen') : await variantTree(cache, plain, of, log);
    const patched = await variantTree(cache, plain, tree, log);
    report(await checkRebuild(title, orig, patched, explained.get(title) ?? new Map()));
  }
}

async function checkRebuild(
  title: string,
  orig: string,
  patched: string,
  known: ReadonlyMap<string, string>,
): Promise<Check> {
  const detail: string[] = [];
  const pairs = pairObjectPaths(orig, patched, (problem) => detail.push(problem.message))?.pairs ?? [];
  const started = Date.now();
  const result = await diff({ pairs });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const differing = pairs.filter((pair) => !sameBytes(pair.orig, pair.patched)).length;
  detail.push(...complaints(result, known));
  if (pairs.length < AT_LEAST.objects) detail.push(`only ${String(pairs.length)} objects`);
  if (differing < AT_LEAST.differing) detail.push(`only ${String(differing)} objects differ in bytes`);
  const but = known.size === 0 ? '' : ` but ${String(known.size)} that are explained`;
  const found = `${String(pairs.length)} objects, ${String(differing)} differ in bytes, ${seconds} s`;
  return {
    label: `${title}: nothing has changed${but} (${found})`,
    passed: detail.length === 0,
    detail,
  };
}

/** What comes out and is not known, with what the tool says of it, and what is known and does not come out. */
export function complaints(result: DiffResult, known: ReadonlyMap<string, string>): readonly string[] {
  const found = new Map(result.diffs.flatMap((one) => [...findingsOf(one)]));
  const news = [...found].filter(([finding]) => !known.has(finding));
  const gone = [...known.keys()].filter((finding) => !found.has(finding));
  return [
    ...result.diagnostics.map((problem) => `${problem.code}: ${problem.message}`),
    ...news.map(([finding, why]) => `${finding} (${why})`),
    ...gone.map((finding) => `in rebuilds.json, but not found: ${finding}`),
  ];
}

/** All that a verdict holds against a pair, one line each -> what the tool says of it. */
function findingsOf(pair: PairDiff): ReadonlyMap<string, string> {
  const findings = new Map<string, string>();
  const add = (what: string, why: string): void => {
    findings.set(`${pair.object}: ${what}`, why);
  };
  for (const { name, kind, reason } of pair.changed) add(`changed ${name}`, `${kind}: ${reason}`);
  for (const name of pair.added) add(`new ${name}`, 'it is new');
  for (const name of pair.carried) add(`carried ${name}`, 'its contents differ');
  for (const name of pair.removed) add(`removed ${name}`, 'it is gone');
  for (const { code, at, message } of pair.diagnostics) add(`${code} ${at?.symbol ?? ''}`.trimEnd(), message);
  if (findings.size === 0 && pair.verdict !== 'unchanged') add(pair.verdict, 'nothing more is said');
  return findings;
}

/** From the list in rebuilds.json: `{rebuild, because, remain}`, each with its own reason. Throws if it is not one. */
export function readExplained(list: unknown): Explained {
  if (!Array.isArray(list)) throw new Error('rebuilds.json: a list is expected');
  const explained = new Map<string, Map<string, string>>();
  for (const group of list.map((item: unknown) => readGroup(item))) {
    const known = explained.get(group.rebuild) ?? new Map<string, string>();
    explained.set(group.rebuild, known);
    for (const finding of group.remain) {
      if (known.has(finding)) throw new Error(`rebuilds.json: listed twice: ${finding}`);
      known.set(finding, group.because);
    }
  }
  return explained;
}

function readGroup(item: unknown): { rebuild: string; because: string; remain: readonly string[] } {
  const keys = ['rebuild', 'because', 'remain'];
  if (
    typeof item !== 'object' ||
    item === null ||
    !('rebuild' in item && 'because' in item && 'remain' in item) ||
    Object.keys(item).length !== keys.length
  )
    throw new Error(`rebuilds.json: an entry has ${keys.join(', ')}`);
  const { rebuild, because, remain } = item;
  if (!REBUILDS.some(({ title }) => title === rebuild) || typeof rebuild !== 'string')
    throw new Error(`rebuilds.json: there is no rebuild ${JSON.stringify(rebuild)}`);
  if (typeof because !== 'string' || because.length < 20)
    throw new Error('rebuilds.json: a reason is missing');
  if (!Array.isArray(remain) || remain.length === 0)
    throw new Error('rebuilds.json: "remain" must name something');
  return { rebuild, because, remain: remain.map(String) };
}

function sameBytes(orig: string | undefined, patched: string | undefined): boolean {
  if (orig === undefined || patched === undefined) return false;
  return readFileSync(orig).equals(readFileSync(patched));
}
