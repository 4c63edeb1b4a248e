/** For each diagnostic code of stacks, series and manifests: something that provokes it. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notesOnOptions } from '../../src/cli/livepatch-build.js';
import { STT_FUNC } from '../../src/elf/constants.js';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { link } from '../../src/index.js';
import { checkPatchesBelow } from '../../src/release/below.js';
import { sha256 } from '../../src/release/manifest.js';
import { readManifest } from '../../src/release/read-manifest.js';
import { readGitRange, readSeries } from '../../src/source/index.js';
import { checkFixesKept } from '../../src/xen/stack-order.js';
import { runCli } from './cli.js';
import type { DiagnosticSample, Provoked } from './diagnostic-samples.js';
import { CASES, allDiagnostics, goldenCase, runCase } from './golden-cases.js';
import { plainManifest } from './plain-manifest.js';
import { tinyImage } from './tiny-xen.js';

async function inFolder(body: (folder: string) => Promise<readonly Diagnostic[]>): Promise<Provoked> {
  const folder = mkdtempSync(join(tmpdir(), 'release-samples-'));
  try {
    return { found: await body(folder), hide: [[`${folder}/`, '']] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const sample = (body: (folder: string) => Promise<readonly Diagnostic[]>): DiagnosticSample => ({
  provoke: () => inFolder(body),
});

/** Diagnostics that a function reports. */
async function reported(
  body: (report: (found: Diagnostic) => void) => Promise<unknown> | unknown,
): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  await body((one) => found.push(one));
  return found;
}

/** The payload of a case as a file. */
async function payloadOf(name: string, path: string): Promise<string> {
  const { payload } = await runCase(goldenCase(name), 1);
  writeFileSync(path, payload?.bytes ?? '');
  return path;
}

/** What a command says in its document. */
async function said(folder: string, ...args: readonly string[]): Promise<readonly Diagnostic[]> {
  const { stdout } = await runCli([...args, '--json'], {
    cwd: folder,
    env: { XSPLICE_CACHE: join(folder, 'cache') },
  });
  return (JSON.parse(stdout) as { diagnostics: readonly Diagnostic[] }).diagnostics;
}

/** Builds a payload from objects in `folder`, changes its manifest, and reproduces it. */
async function reproduced(
  folder: string,
  change: (manifest: string) => string,
): Promise<readonly Diagnostic[]> {
  for (const name of ['orig.o', 'patched.o', 'image'])
    copyFileSync(join(CASES, 'prelink', name), join(folder, name));
  const objects = ['--orig', 'orig.o', '--patched', 'patched.o', '--xen-syms', 'image', '--no-validate'];
  await said(folder, ...objects, '-o', 'fix.xsplice');
  const manifest = join(folder, 'fix.xsplice.manifest.json');
  writeFileSync(manifest, change(readFileSync(manifest, 'utf8')));
  return (await said(folder, 'reproduce', manifest)).map((found) => ({
    ...found,
    notes: found.notes.map((note) => note.replace(/[0-9a-f]{64}/, '5ha256…')),
  }));
}

export const RELEASE_SAMPLES: Readonly<Record<string, DiagnosticSample>> = {
  XS420: sample(async (folder) => {
    const below = await payloadOf('new-functions-and-data', join(folder, 'first.xsplice'));
    const { pairs } = goldenCase('prelink');
    const [xen, image] = [join(CASES, 'prelink/image'), join(folder, 'xen-syms')];
    copyFileSync(xen, image);
    return allDiagnostics(await link({ pairs, image, onTopOf: [below], xenDepends: '0102' }));
  }),
  XS421: sample(async (folder) => {
    const below = await payloadOf('new-functions-and-data', join(folder, 'first.xsplice'));
    const copy = join(folder, 'again.xsplice');
    const image = join(folder, 'xen-syms');
    copyFileSync(below, copy);
    copyFileSync(join(CASES, 'new-functions-and-data/image'), image);
    return allDiagnostics(await link({ pairs: goldenCase('stacked').pairs, image, onTopOf: [below, copy] }));
  }),
  XS422: sample(() =>
    reported((report) => {
      const image = tinyImage();
      const name = image.symbols.find(({ type }) => type === STT_FUNC)?.name ?? '';
      const symbols = new Map([[name, { name, type: STT_FUNC, size: 9, head: new Uint8Array() }]]);
      const buildId = new Uint8Array(20);
      const below = {
        name: 'first.xsplice',
        buildId,
        depends: undefined,
        xenDepends: undefined,
        symbols,
        spliced: new Map(),
      };
      checkFixesKept([below], image, new Set(), report);
    }),
  ),
  XS423: sample(async (folder) => {
    const path = join(folder, 'first.xsplice');
    writeFileSync(path, 'a payload');
    const manifest = plainManifest({ sha256: sha256(Buffer.from('a payload')), patches: ['first.patch'] });
    writeFileSync(`${path}.manifest.json`, JSON.stringify(manifest));
    const applied = [{ path: 'other.patch', sha256: sha256(Buffer.from('other')), hunks: [], bytes: 5 }];
    return await checkPatchesBelow([path], { applied, patches: [], replace: false });
  }),
  XS830: sample((folder) =>
    reported((report) => {
      writeFileSync(join(folder, 'series'), '# fixes\none.patch\ntwo.patch -R\n');
      return readSeries(join(folder, 'series'), report);
    }),
  ),
  XS831: sample((folder) => reported((report) => readGitRange(join(folder, 'xen'), 'fixes', report))),
  XS832: sample(async (folder) => {
    mkdirSync(join(folder, 'tree/xen'), { recursive: true });
    copyFileSync(join(CASES, 'prelink/image'), join(folder, 'tree/xen/xen-syms'));
    writeFileSync(join(folder, 'fix.patch'), '');
    return await said(folder, '-s', 'tree', '-p', 'fix.patch');
  }),
  XS833: sample(() => Promise.resolve(notesOnOptions({ skip: 'build' }))),
  XS840: sample(() =>
    reported((report) => readManifest('fix.manifest.json', '{"schema":"another/1"}', report)),
  ),
  XS841: sample((folder) =>
    reproduced(folder, (manifest) => {
      writeFileSync(join(folder, 'patched.o'), 'other');
      rmSync(join(folder, 'image'));
      return manifest;
    }),
  ),
  XS842: sample((folder) =>
    reproduced(folder, (manifest) => manifest.replace(/("version": )"[^"]*"/, '$1"0.0.1"')).then((found) =>
      found.map((one) => ({ ...one, message: one.message.replace(/is '[\d.]+'/, "is 'this'") })),
    ),
  ),
  XS843: sample((folder) =>
    reproduced(folder, (manifest) => manifest.replace(/("sha256": )"[^"]*"/, `$1"${'0'.repeat(64)}"`)),
  ),
};
