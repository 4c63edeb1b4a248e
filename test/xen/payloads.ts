/**
 * Builds the payloads of the cases exactly as a user would: by the command line, from a source tree and a
 * patch, with nothing but the built `dist/`.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { capture, run } from '../../src/qemu/command.js';
import { matches, missingPatterns } from '../../src/qemu/scenario.js';
import type { Check } from '../../src/qemu/scenario.js';
import { copyTree } from '../../src/qemu/xen-tree.js';
import { REPOSITORY } from './cases.js';
import type { Case } from './cases.js';

export interface Workshop {
  /** A built Xen tree, not to be written to. */
  readonly tree: string;
  readonly xen_syms: string;
  /** Scratch directory; payloads are left in it as NAME.xsplice. */
  readonly work: string;
  readonly cases: ReadonlyMap<string, Case>;
}

export interface Built {
  /** Null when there is none, be it by failure or because the case is to be refused. */
  readonly payload: Uint8Array | null;
  readonly checks: readonly Check[];
}

/** Builds one case. The payloads it goes on top of must have been built before. */
export async function buildCase(shop: Workshop, one: Case): Promise<Built> {
  const out = path.join(shop.work, `${one.name}.xsplice`);
  const tree = await patchedTree(shop, one);
  const started = Date.now();
  const result = await buildPayload(shop, one, { tree, out, cwd: shop.work, more: [] });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const verified = await checkVerified(shop, one, tree);
  if (one.refused !== null)
    return { payload: null, checks: [checkRefusal(one, result, existsSync(out)), verified] };

  const passed = result.exit_code === 0 && existsSync(out);
  const detail = passed
    ? []
    : [`exit code ${String(result.exit_code)}`, ...result.stderr.split('\n'), ...result.stdout.split('\n')];
  if (!passed)
    return {
      payload: null,
      checks: [{ label: 'builds', passed, detail: detail.filter((line) => line !== '') }, verified],
    };
  const payload = readFileSync(out);
  const label = `builds (${String(payload.length)} bytes, ${seconds} s)`;
  const checks: Check[] = [{ label, passed, detail }, verified, await checkReadelf(out)];
  if (one.says.length > 0) checks.push(checkSays(one, result.stdout));
  if (one.scenario !== null) checks.push(checkScenario(result.stdout));
  if (one.smaller_than !== null) checks.push(checkSize(payload.length, one.smaller_than));
  return { payload, checks };
}

function checkScenario(stdout: string): Check {
  const passed = /^ {2}runs +passed /m.test(stdout);
  return {
    label: 'its scenario comes out in the emulated hypervisor',
    passed,
    detail: passed ? [] : stdout.split('\n'),
  };
}

/** Single compilations must do for the patch, and give the objects that make gives. */
async function checkVerified(shop: Workshop, one: Case, tree: string): Promise<Check> {
  const out = path.join(shop.work, `${one.name}.verified`);
  const more = ['--verify-build', '--no-validate', '--json'];
  const { stdout, stderr } = await buildPayload(shop, one, { tree, out, cwd: shop.work, more });
  rmSync(out, { force: true });
  const { because, verified = 0 } = readSource(stdout) ?? {};
  return {
    label: `single compilations and make give the same bytes (${String(verified)} objects)`,
    passed: verified > 0,
    detail: because === undefined ? stderr.split('\n') : [`make had to build: ${because}`],
  };
}

/** What the document of a build says of how its objects were made; undefined if it is none. */
function readSource(text: string): { because?: string; verified?: number } | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof document !== 'object' || document === null || !('source' in document)) return undefined;
  const { source } = document;
  if (typeof source !== 'object' || source === null) return undefined;
  const because = 'because' in source ? source.because : undefined;
  const verified = 'verified' in source ? source.verified : undefined;
  return {
    ...(typeof because === 'object' &&
      because !== null &&
      'text' in because &&
      typeof because.text === 'string' && { because: because.text }),
    ...(typeof verified === 'number' && { verified }),
  };
}

/** A second build, of a tree elsewhere, in one thread, must give the same bytes. */
export async function checkSameBytes(shop: Workshop, one: Case, payload: Uint8Array): Promise<Check> {
  const elsewhere = path.join(shop.work, 'elsewhere/deeper');
  const tree = path.join(elsewhere, 'xen-source');
  await copyTree(shop.tree, tree);
  const out = path.join(elsewhere, 'again.xsplice');
  const result = await buildPayload(shop, one, {
    tree,
    out,
    cwd: elsewhere,
    more: ['-j', '1', '--no-cache'],
  });
  const same = existsSync(out) && Buffer.compare(readFileSync(out), payload) === 0;
  rmSync(tree, { recursive: true });
  const detail = same ? [] : [`exit code ${String(result.exit_code)}`, ...result.stderr.split('\n')];
  return { label: 'a build in another directory with -j 1 gives the same bytes', passed: same, detail };
}

interface BuildPlace {
  readonly tree: string;
  readonly out: string;
  readonly cwd: string;
  readonly more: readonly string[];
}

function buildPayload(
  shop: Workshop,
  one: Case,
  { tree, out, cwd, more }: BuildPlace,
): ReturnType<typeof capture> {
  const args = [
    ...[path.join(REPOSITORY, 'dist/src/cli.js'), '-s', tree],
    ...one.patch_files.flatMap((patch) => ['-p', patch]),
    ...['--xen-syms', shop.xen_syms],
    ...one.on_top_of.flatMap((name) => ['--on-top-of', path.join(shop.work, `${name}.xsplice`)]),
    ...(one.scenario === null ? [] : ['--scenario', one.scenario]),
    ...['-o', out, ...one.flags, ...more],
  ];
  return capture(process.execPath, args, { cwd });
}

/** A payload on top of others is built from source that has their patches. */
async function patchedTree(shop: Workshop, one: Case): Promise<string> {
  if (one.on_top_of.length === 0) return shop.tree;
  const tree = path.join(shop.work, `tree-below-${one.name}`);
  await copyTree(shop.tree, tree);
  for (const name of one.on_top_of) {
    for (const patch of shop.cases.get(name)?.patch_files ?? []) {
      await run('patch', ['-s', '-p1', '-F0', '-d', tree, '-i', patch]);
    }
  }
  return tree;
}

function checkRefusal(one: Case, result: { exit_code: number; stderr: string }, has_output: boolean): Check {
  const lines = result.stderr.split('\n');
  const missing = (one.refused?.stderr ?? []).filter(
    (pattern) => !lines.some((line) => matches(pattern, line)),
  );
  const detail = missing.map((pattern) => `not on stderr: ${pattern}`);
  if (result.exit_code !== one.refused?.exit) {
    detail.push(`exit code ${String(result.exit_code)} instead of ${String(one.refused?.exit)}`);
  }
  if (has_output) detail.push('a payload was written all the same');
  const passed = detail.length === 0;
  return {
    label: 'is refused, and the reason named',
    passed,
    detail: passed ? [] : [...detail, 'stderr:', ...lines],
  };
}

/** The case is about what changed and why, so it must be that. */
function checkSays(one: Case, stdout: string): Check {
  const lines = stdout.split('\n');
  const detail = missingPatterns(one.says, lines).map((pattern) => `not on stdout: ${pattern}`);
  const passed = detail.length === 0;
  return {
    label: 'the builder tells what changed',
    passed,
    detail: passed ? [] : [...detail, 'stdout:', ...lines],
  };
}

function checkSize(bytes: number, limit: number): Check {
  const detail = bytes < limit ? [] : [`${String(bytes)} bytes, the limit is ${String(limit)}`];
  return { label: `is smaller than ${String(limit)} bytes`, passed: bytes < limit, detail };
}

/** binutils must read every header, symbol, relocation and note of the payload without a complaint. */
async function checkReadelf(file: string): Promise<Check> {
  const result = await capture('readelf', ['-aW', file]);
  const complaints = `${result.stdout}\n${result.stderr}`
    .split('\n')
    .filter((line) => /^readelf: (Warning|Error)|<corrupt/.test(line));
  const passed = result.exit_code === 0 && complaints.length === 0;
  return { label: 'readelf reads it without complaint', passed, detail: complaints };
}
