/**
 * Every case of golden/cases: what differs, the payload or the refusal, as text that a reviewer has read. Each is
 * run on one thread and on two, and the payload is verified, and read again by readelf and objdump where they are.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { verifyObject } from '../../src/elf/verify.js';
import { writeElf } from '../../src/elf/write.js';
import { checkBase, validate } from '../../src/index.js';
import type { LinkResult } from '../../src/index.js';
import { isInstalled, ourFacts, readelfFacts, run } from '../src/elf/readelf.js';
import { mustRead } from '../support/elf-builder.js';
import { expectGolden } from '../support/golden.js';
import {
  allDiagnostics,
  CASES,
  describeRun,
  dumpPayload,
  goldenCase,
  goldenCases,
  imageOfCase,
  renderRelative,
  runCase,
} from '../support/golden-cases.js';
import type { GoldenCase } from '../support/golden-cases.js';

const directory = mkdtempSync(join(tmpdir(), 'golden-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Functions that the images have from no object of a case. */
const STUBS = new Set(
  [...readFileSync(join(CASES, 'stubs.S'), 'utf8').matchAll(/^ +stub (\w+)$/gm)].map(([, name]) => name),
);

/** Where the payload of a case lies for those stacked on it; made when it is first asked for. */
async function payloadFile(which: GoldenCase, threads: number): Promise<string> {
  const path = join(directory, `${threads}`, `${which.name}.xsplice`);
  const { payload } = await runWithStack(which, threads);
  if (payload === undefined) throw new Error(`${which.name} gives no payload to stack on`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, payload.bytes);
  return path;
}

async function runWithStack(which: GoldenCase, threads: number): Promise<LinkResult> {
  const below = new Map<string, string>();
  for (const name of which.settings.onTopOf ?? []) below.set(name, await payloadFile(goldenCase(name), threads));
  return await runCase(which, threads, (name) => below.get(name) ?? '');
}

/** What the emulated hypervisor holds against the payload of a case: errors only. */
async function verdict(which: GoldenCase): Promise<string[]> {
  const below = await Promise.all((which.settings.onTopOf ?? []).map((name) => payloadFile(goldenCase(name), 1)));
  const { diagnostics, validation } = await validate({
    image: imageOfCase(which),
    payloads: [...below, await payloadFile(which, 1)],
    replaces: which.settings.replace === true && below.length > 0,
  });
  expect(validation?.levels.applies).toBeDefined();
  return diagnostics.filter((found) => found.severity === 'error').map(({ code, message }) => `${code}: ${message}`);
}

/** Objects that their images do not hold as they are: one is not linked, one refers through a table of the linker's. */
const UNPROVEN: ReadonlySet<string> = new Set([
  'common/unlinked-object-b.o',
  'common/other-relocations-refused.o',
]);

const withBinutils =
  isInstalled('readelf') && isInstalled('objdump')
    ? test
    : (name: string, body: () => Promise<void>): void =>
        test.skip(`${name} (skipped: readelf and objdump are not installed)`, body);

for (const which of goldenCases()) {
  describe(which.name, () => {
    test('says what it said, on one thread and on two', async () => {
      const [one, two] = [await runWithStack(which, 1), await runWithStack(which, 2)];
      expect(describeRun(two)).toBe(describeRun(one));
      expect(two.payload?.bytes).toEqual(one.payload?.bytes);
      expectGolden(`cases/${which.name}/diff.txt`, describeRun(one));
    });

    if (existsSync(join(CASES, which.name, 'image'))) {
      test('has an image that is proven to be linked from its originals', async () => {
        const objects = which.pairs.flatMap(({ object, orig }) =>
          orig === undefined || UNPROVEN.has(object) ? [] : [{ object, path: orig, member: false }],
        );
        const { proof, diagnostics } = await checkBase({ image: imageOfCase(which), objects, threads: 1 });
        expect(diagnostics).toEqual([]);
        expect(proof?.objects.flatMap(({ unproven }) => unproven)).toEqual([]);
      });
    }

    if (which.refused) {
      test('is refused', async () => {
        const result = await runWithStack(which, 1);
        expect(result.payload).toBeUndefined();
        const said = allDiagnostics(result);
        expect(said.some((found) => found.severity === 'error')).toBe(true);
        expectGolden(`cases/${which.name}/diagnostics.txt`, renderRelative(said));
      });
    } else if (which.settings.link !== false) {
      test('gives the payload that was read, the same each time, and one without a flaw', async () => {
        const { payload } = await runWithStack(which, 1);
        if (payload === undefined) throw new Error('there is no payload');
        // First what no reviewer may accept: nothing is blessed that fails here.
        expect((await runWithStack(which, 1)).payload?.bytes).toEqual(payload.bytes);
        expect(writeElf(payload.object)).toEqual(payload.bytes);
        expect(verifyObject(mustRead(payload.bytes))).toEqual([]);
        expect(await verdict(which)).toEqual([]);
        const base = payload.resolved.base ?? [];
        expect(base.filter(({ role }) => role === 'replaced').length).toBeGreaterThanOrEqual(payload.resolved.replaced.length);
        const stacked = which.settings.onTopOf !== undefined;
        for (const { name, verdict } of base)
          expect([name, verdict]).toEqual([name, stacked || STUBS.has(name) ? 'unchecked' : 'proven']);
        expectGolden(`cases/${which.name}/payload.txt`, dumpPayload(payload.bytes));
      });

      withBinutils('gives a payload that binutils read as we do', async () => {
        const path = await payloadFile(which, 1);
        const { payload } = await runWithStack(which, 1);
        const file = mustRead(payload?.bytes ?? new Uint8Array(0));
        expect(run('readelf', ['-aW', path]).stderr).toBe('');
        expect(readelfFacts(path)).toEqual(ourFacts(file));
        const { stdout, stderr } = run('objdump', ['-r', path]);
        expect(stderr).toBe('');
        const theirs = [...stdout.matchAll(/^([0-9a-f]{16}) (R_X86_64_\S+) +(\S+)$/gm)].map(
          ([, place, type, value]) =>
            `+0x${BigInt(`0x${place}`).toString(16)} ${type} ${value.replace(/0x0+(?=.)/, '0x')}`,
        );
        const ours = [...dumpPayload(file.bytes).matchAll(/^ {8}(\+0x\S+ R_X86_64_.*)$/gm)].map(([, line]) => line);
        expect(theirs).toEqual(ours);
      });
    }
  });
}
