/** The package as its users get it: packed, installed into an empty folder from the registry, and run there. */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { goldenCase, imageOfCase } from '../../support/golden-cases.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const MINUTES = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'package-'));
const place = join(folder, 'empty');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(cwd: string, program: string, ...args: readonly string[]): Promise<string> {
  // Under a test runner node gets options that are not those of a user.
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout } = await promisify(execFile)(program, [...args], { cwd, env, maxBuffer: 1 << 26 });
  return stdout;
}

describe('the package', () => {
  let files: string[] = [];

  beforeAll(async () => {
    const packed = await run(ROOT, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
    const [{ filename, files: list }] = JSON.parse(packed) as [
      { filename: string; files: { path: string }[] },
    ];
    files = list.map(({ path }) => path);
    mkdirSync(place);
    const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
    await run(place, 'npm', 'install', ...quietly, join(folder, filename));
  }, 5 * MINUTES);

  test('holds what is run and what is read, and nothing else', () => {
    const allowed =
      /^(dist\/(src|passes)\/.*\.(js|d\.ts)|golden\/example\/.*|docs\/.*\.(md|json|svg)|docs\/passes\/.*\.(ts|json)|src\/xen\/xsplice-hooks\.h|src\/README\.md|README\.md|CHANGELOG\.md|LICENSE|package\.json)$/;
    expect(files.filter((path) => !allowed.test(path))).toEqual([]);
    for (const path of [
      'dist/src/cli.js',
      'dist/src/engine/worker.js',
      'docs/scenarios.md',
      'golden/example/mini-syms',
    ])
      expect(files).toContain(path);
  });

  test(
    'works where it is installed: demo, doctor, a build of objects on worker threads, the library',
    async () => {
      const npx = (...args: readonly string[]): Promise<string> =>
        run(place, 'npx', '--no', 'xsplice-build', ...args);
      expect(await npx('demo')).toContain('runs     passed');
      expect(await npx('doctor', '--for=objects', '--cache-dir', join(folder, 'cache'))).toContain(
        'ready to compare',
      );
      const which = goldenCase('base-as-it-runs');
      const [{ orig = '', patched = '' }] = which.pairs;
      copyFileSync(orig, join(place, 'orig.o'));
      copyFileSync(patched, join(place, 'patched.o'));
      const objects = ['--orig', 'orig.o', '--patched', 'patched.o', '--xen-syms', imageOfCase(which)];
      expect(await npx('build', ...objects, '-o', 'fix.xsplice', '--threads', '2')).toContain(
        'base proven: 2 of 2',
      );
      expect(readdirSync(place)).toContain('fix.xsplice.manifest.json');
      expect(await npx('inspect', 'fix.xsplice')).toContain('.livepatch.funcs');
      const script = `const { diff } = await import('xsplice-build');
        const { diffs } = await diff({ pairs: [{ object: 'x.o', orig: 'orig.o', patched: 'patched.o' }] });
        console.log(diffs[0].verdict);`;
      expect(await run(place, process.execPath, '--input-type=module', '-e', script)).toBe('changed\n');
    },
    5 * MINUTES,
  );

  test(
    'is typed: a program of TypeScript that compares, listens and ends a run, and the examples of the documentation',
    async () => {
      const consumer = fileURLToPath(new URL('../../../../test/support/consumer.ts', import.meta.url));
      copyFileSync(consumer, join(place, 'consumer.ts'));
      const examples = ['README.md', 'docs/library.md'].map((file, k) => {
        const [, text = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(ROOT, file), 'utf8')) ?? [];
        writeFileSync(join(place, `example-${String(k)}.ts`), text);
        return `example-${String(k)}`;
      });
      // An image that runs, under the names of the examples.
      const example = (name: string): string => join(ROOT, 'golden/example', name);
      copyFileSync(example('mini-syms'), join(place, 'xen-syms'));
      copyFileSync(example('orig/hypercall.o'), join(place, 'orig.o'));
      copyFileSync(example('patched/hypercall.o'), join(place, 'patched.o'));
      const settings = {
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          module: 'NodeNext',
          target: 'ES2023',
          types: ['node'],
          typeRoots: [join(ROOT, 'node_modules/@types')],
        },
        files: ['consumer.ts', ...examples.map((name) => `${name}.ts`)],
      };
      writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(settings));
      writeFileSync(join(place, 'package.json'), JSON.stringify({ type: 'module' }));
      await run(place, process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.');
      expect(await run(place, process.execPath, 'consumer.js')).toBe('changed, told, XS819\n');
      for (const name of examples) {
        rmSync(join(place, 'fix.xsplice'), { force: true });
        await run(place, process.execPath, `${name}.js`);
        expect(readdirSync(place)).toContain('fix.xsplice');
      }
    },
    5 * MINUTES,
  );
});
