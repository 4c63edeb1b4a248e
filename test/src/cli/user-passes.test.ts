/** --pass and --config-file as users have them: the documented examples, what they decide, and what becomes of it. */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Manifest } from '../../../src/release/manifest.js';
import type { BuildDocument } from '../../../src/report/json.js';
import { runCli } from '../../support/cli.js';
import type { CliRun } from '../../support/cli.js';
import { DOCUMENTED, EXAMPLE_OBJECTS, passFolder, passText } from '../../support/user-passes.js';

const folder = passFolder();
afterAll(() => folder.remove());
cpSync(DOCUMENTED, join(folder.path, 'docs'), { recursive: true });

const MINUTE = 60_000;
const env = { XSPLICE_CACHE: join(folder.path, 'cache') };
const documented = (name: string): string => join(folder.path, 'docs', name);

/** A build of the bundled example; the payload is fix.xsplice in a folder of its own. */
async function build(name: string, ...args: readonly string[]): Promise<CliRun & { readonly at: string }> {
  const at = join(folder.path, name);
  folder.write(join(name, '.here'), '');
  const run = await runCli(['build', ...EXAMPLE_OBJECTS, '-o', join(at, 'fix.xsplice'), ...args], {
    cwd: folder.path,
    env,
  });
  return { ...run, at };
}

const manifestOf = (at: string): Manifest =>
  JSON.parse(readFileSync(join(at, 'fix.xsplice.manifest.json'), 'utf8')) as Manifest;
const documentOf = ({ stdout }: CliRun): BuildDocument => JSON.parse(stdout) as BuildDocument;
const codesOf = ({ diagnostics }: BuildDocument): string[] => diagnostics.map(({ code }) => code);

describe('the documented passes', () => {
  test(
    'needs-review refuses what nobody looked at, and lets the rest go',
    async () => {
      const policy = { folders: ['hyper'], reviewed: { 'hypercall.o:do_set_flags': 'Ada' } };
      folder.write('docs/reviewed.json', JSON.stringify(policy));
      const refused = await build('review', '--pass', documented('needs-review.ts'));
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('src/hypercall.c#set_flags_call of hyper was not reviewed');
      expect(refused.stderr).toContain('do_set_flags was reviewed by Ada');
      expect(existsSync(join(refused.at, 'fix.xsplice'))).toBe(false);
      cpSync(join(DOCUMENTED, 'reviewed.json'), documented('reviewed.json'));
      expect((await build('elsewhere', '--pass', documented('needs-review.ts'))).code).toBe(0);
    },
    MINUTE,
  );

  test(
    'keep-and-pair adds what goes together, and leaves out what only prints',
    async () => {
      const text = readFileSync(documented('keep-and-pair.ts'), 'utf8').replace(
        'dump_\\w+',
        'set_flags_call',
      );
      const run = await build('pair', '--json', '--pass', folder.write('docs/changed.ts', text));
      expect(run.code).toBe(0);
      const document = documentOf(run);
      expect(document.payload?.functions.map(({ name }) => name)).toEqual(['do_set_flags', 'do_hypercall']);
      expect(codesOf(document)).toEqual(expect.arrayContaining(['XS710', 'XS711']));
      expect(document.payload?.included.find(({ name }) => name === 'do_hypercall')?.reason).toBe('named');
      expect(document.validation?.levels.applies).toBe('passed');
    },
    MINUTE,
  );

  test(
    'the configuration brings all of them, and the summary is beside the payload',
    async () => {
      const run = await build('configured', '--json', '--config-file', documented('xsplice.config.ts'));
      expect(run.code).toBe(0);
      const summary = readFileSync(join(run.at, 'summary.md'), 'utf8');
      expect(summary).toContain('| do_set_flags | 46 | 85 |');
      expect(summary).toContain('Proven by the rules of 4.17.');
      const manifest = manifestOf(run.at);
      expect(manifest.settings).toMatchObject({ expect: true, modinfo: ['vendor=example'] });
      expect(manifest.passes?.files.map(({ path }) => path)).toEqual(
        ['keep-and-pair.ts', 'needs-review.ts', 'reviewed.json', 'summary.ts', 'xsplice.config.ts'].map(
          (name) => `../docs/${name}`,
        ),
      );
      const reproduced = await runCli(['reproduce', join(run.at, 'fix.xsplice.manifest.json')]);
      expect(reproduced.stdout).toContain('reproduced');
    },
    MINUTE,
  );

  test(
    'a refused build is reported, too',
    async () => {
      const veto = folder.write('veto.ts', passText('no', "ctx.veto('no');"));
      const run = await build('refused', '--pass', documented('summary.ts'), '--pass', veto);
      expect(run.code).toBe(1);
      expect(readFileSync(join(run.at, 'summary.md'), 'utf8')).toBe('# No payload\n\n- XS707: pass no: no\n');
    },
    MINUTE,
  );
});

describe('decisions', () => {
  test(
    'are in the manifest, and enough to make the payload again',
    async () => {
      const body = "ctx.drop(view.functions[0], 'kept');\n ctx.add(view.unchanged[1], 'wanted');";
      const run = await build('chosen', '--pass', folder.write('choose.ts', passText('choose', body)));
      expect(run.stderr).toContain('left out by pass choose: kept');
      expect(run.stdout).toContain('do_hypercall (40 -> 40 bytes): added by a pass');
      const manifest = manifestOf(run.at);
      expect(manifest.passes).toMatchObject({
        left_out: [{ object: 'hypercall.o', name: 'src/hypercall.c#set_flags_call' }],
        added: [{ object: 'hypercall.o', name: 'do_hypercall' }],
      });
      folder.write('choose.ts', 'export default 1;');
      const again = await runCli(['reproduce', join(run.at, 'fix.xsplice.manifest.json')]);
      expect(again.stdout).toContain('reproduced');
      const other = { ...manifest, passes: { ...manifest.passes, left_out: [{ object: 'x.o', name: 'f' }] } };
      const path = folder.write('chosen/other.json', JSON.stringify(other));
      expect((await runCli(['reproduce', path])).stderr).toContain('XS712');
    },
    MINUTE,
  );

  test(
    'are seen by the next pass, and nothing is left to patch when all is left out',
    async () => {
      const body =
        "for (const f of view.functions.slice(0, 1)) ctx.drop(f, 'no');\n ctx.note(`${view.functions.length} left`);";
      const [one, two] = ['one', 'two'].map((name) => folder.write(`${name}.ts`, passText(name, body)));
      const run = await build('none', '--pass', one, '--pass', two);
      expect(run.stderr).toContain('pass one: 2 left');
      expect(run.stderr).toContain('pass two: 1 left');
      expect(run.stderr).toContain('XS310');
      expect(run.code).toBe(3);
    },
    MINUTE,
  );
});

describe('places', () => {
  test(
    'show what is there: what comes along, and the finished payload',
    async () => {
      const text = `import { definePass } from 'xsplice-build/config';
export default [
  definePass({
    name: 'comes',
    after: 'include-closure',
    run({ included, externals }, ctx) {
      for (const { name, from } of included)
        ctx.note(\`\${name} for \${included[from]?.name ?? 'itself'}\`);
      ctx.note(externals.join());
    },
  }),
  definePass({
    name: 'made',
    after: 'emit-notes',
    run({ functions, sections, buildId }, ctx) {
      ctx.note(functions.map(({ name, oldAddress, way }) => [name, oldAddress, way].join(' ')).join());
      ctx.note(sections.filter(({ executable }) => executable).map(({ name, size }) => \`\${name} \${size}\`).join());
      ctx.note(buildId);
    },
  }),
];
`;
      const { stderr, at } = await build(
        'places',
        '--splice',
        'do_set_flags=auto',
        '--pass',
        folder.write('places.ts', text),
      );
      expect(stderr).toContain('pass comes: domain_exists for set_flags_call');
      expect(stderr).toContain('pass comes: set_flags_call for itself');
      expect(stderr).toContain('pass comes: console_write,domains');
      expect(stderr).toContain('do_set_flags 0xffff82d0402000e0 ');
      expect(stderr).toMatch(/pass made: \.text \d+/);
      expect(stderr).toContain(`pass made: ${manifestOf(at).payload.build_id}`);
    },
    MINUTE,
  );
});

describe('a configuration', () => {
  const configured = (settings: string): string =>
    folder.write(
      'own.config.ts',
      `import { defineConfig } from 'xsplice-build/config';\nexport default defineConfig(${settings});\n`,
    );

  test(
    'gives way to the command line',
    async () => {
      const file = configured(
        "{ modinfo: ['a=1', 'b=2'], expect: true, validate: false, abi: 'livepatch-v1' }",
      );
      const run = await build('way', '--config-file', file, '--modinfo', 'c=3', '--abi', 'livepatch-v2');
      expect(run.code).toBe(0);
      expect(manifestOf(run.at).settings).toMatchObject({
        modinfo: ['c=3'],
        expect: true,
        abi: 'livepatch-v2',
      });
      expect(manifestOf(run.at).proof).toBeNull();
    },
    MINUTE,
  );

  test(
    'has paths from its own folder',
    async () => {
      const file = folder.write(
        'deeper/own.config.ts',
        "import { defineConfig } from 'xsplice-build/config';\nexport default defineConfig({ scenario: ['./missing.json'] });\n",
      );
      const { stderr } = await build('deep', '--config-file', file);
      expect(stderr).toContain(join(folder.path, 'deeper/missing.json'));
    },
    MINUTE,
  );

  test.each([
    ['{ jobs: 0 }', 'jobs: give a number'],
    ["{ splice: ['sideways'] }", 'splice: give one of'],
    ["{ expect: true, ...{ output: 'x' } }", 'output: there is no such setting'],
    ["{ expect: true, ...{ allowlost: ['x'] } }", 'allowlost: there is no such setting'],
    ["{ expect: 'yes' as unknown as boolean }", 'expect: give true or false'],
    ["{ depends: ['x'] as unknown as string }", 'depends: give a build-id'],
  ])(
    '%s cannot be used',
    async (settings, message) => {
      const run = await build('wrong', '--config-file', configured(settings));
      expect(run.stderr).toContain(message);
      expect(run.code).toBe(2);
    },
    MINUTE,
  );

  test(
    'that nobody named is not run',
    async () => {
      folder.write('xsplice.config.ts', 'for (;;);');
      const run = await build('unnamed');
      expect(run.code).toBe(0);
      expect(run.stderr).toContain('XS714');
      expect((await build('named', '--config-file', 'xsplice.config.ts')).code).toBe(1);
    },
    MINUTE,
  );
});

describe('docs/user-passes.md', () => {
  const page = readFileSync(join(DOCUMENTED, '../user-passes.md'), 'utf8');

  test('shows the passes as they are', () => {
    const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text]) => text);
    const files = ['needs-review.ts', 'keep-and-pair.ts', 'summary.ts', 'xsplice.config.ts'];
    expect(blocks).toEqual(files.map((name) => readFileSync(join(DOCUMENTED, name), 'utf8')));
  });

  test('and the published settings are options of build', async () => {
    const types = readFileSync(join(DOCUMENTED, '../../src/config.ts'), 'utf8');
    const [, body] = /interface Settings \{([\s\S]*?)^\}/m.exec(types) ?? [];
    const settings = [...body.matchAll(/readonly (\w+)\?:/g)].map(([, name]) => name);
    const { stdout } = await runCli(['build', '--help']);
    const options = [...stdout.matchAll(/^ +(?:-\w, )?--(?:no-)?([\w-]+)/gm)].map(([, name]) =>
      name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    );
    expect(settings.length).toBeGreaterThan(20);
    expect(settings.filter((name) => !options.includes(name))).toEqual([]);
  });
});
