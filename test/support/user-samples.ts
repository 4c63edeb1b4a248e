/** For each diagnostic code of passes, reporters and configurations of users: something that provokes it. */
import { join } from 'node:path';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { runCli } from './cli.js';
import type { DiagnosticSample } from './diagnostic-samples.js';
import { EXAMPLE_OBJECTS, heard, openFiles, passFolder, passText } from './user-passes.js';
import type { PassFolder } from './user-passes.js';

const sample = (body: (folder: PassFolder) => Promise<readonly Diagnostic[]>): DiagnosticSample => ({
  provoke: async () => {
    const folder = passFolder();
    try {
      return { found: await body(folder), hide: [[`${folder.path}/`, '']] };
    } finally {
      folder.remove();
    }
  },
});

/** A pass that is asked about nothing. */
const ofBody = (body: string, timeout = 2000): DiagnosticSample =>
  sample(async ({ write }) => (await heard(write('mine.ts', passText('mine', body)), { timeout })).found);

/** A build of the bundled example with a pass. */
const ofBuild = (body: string): DiagnosticSample =>
  sample(async (folder) => said(folder, '--pass', folder.write('mine.ts', passText('mine', body))));

async function said({ path }: PassFolder, ...args: readonly string[]): Promise<readonly Diagnostic[]> {
  const { stdout } = await runCli(
    ['build', ...EXAMPLE_OBJECTS, '-o', join(path, 'fix.xsplice'), '--json', ...args],
    { cwd: path, env: { XSPLICE_CACHE: join(path, 'cache') } },
  );
  return (JSON.parse(stdout) as { diagnostics: readonly Diagnostic[] }).diagnostics;
}

export const USER_SAMPLES: Readonly<Record<string, DiagnosticSample>> = {
  XS701: sample(async ({ write }) => {
    const text = `import { readFileSync } from 'node:fs';\n${passText('mine', "ctx.note(readFileSync('x', 'utf8'));")}`;
    return (await openFiles([write('mine.ts', text)])).found;
  }),
  XS702: ofBody("for (const f of view.functions)\n      if (f.naem.startsWith('do_')) ctx.veto(1);"),
  XS703: sample(async ({ write }) => {
    const files = ['first.ts', 'second.ts'].map((name) => write(name, passText('mine', "ctx.note('x');")));
    return (await openFiles(files)).found;
  }),
  XS704: ofBody('const first = view.functions[0];\n    ctx.note(first.name);'),
  XS705: ofBody('for (;;) view.functions.indexOf(view.functions[0]);', 300),
  XS706: ofBody(
    'const all: Uint8Array[] = [];\n    for (;;) all.push(new Uint8Array(1 << 24).fill(1));',
    60_000,
  ),
  XS707: ofBuild(
    "for (const { object, name } of view.functions)\n      ctx.veto(`${name} was not reviewed`, { object, function: name, hint: 'ask for a review' });",
  ),
  XS708: ofBuild('ctx.warn(`${view.functions.length} functions at once`);'),
  XS709: ofBuild("ctx.note('looked at by the policy of the house');"),
  XS710: ofBuild("ctx.drop(view.functions[0], 'it only prints');"),
  XS711: ofBuild("ctx.add(view.unchanged[0], 'it belongs to the other');"),
  XS712: ofBuild("ctx.drop({ object: 'hypercall.o', name: 'do_hypercal' }, 'it only prints');"),
  XS713: sample(async ({ write }) => {
    const text = `import { defineReporter } from 'xsplice-build/config';
export default defineReporter({ name: 'mine', report: () => ({ name: '../elsewhere.md', text: '' }) });
`;
    const { code, found } = await openFiles([write('mine.ts', text)]);
    await code?.report({}, (one) => void found.push(one));
    code?.close();
    return found;
  }),
  XS714: sample(async (folder) => {
    folder.write('xsplice.config.ts', 'export {};\n');
    return await said(folder);
  }),
  XS715: sample(async (folder) => {
    const text = `import { defineConfig } from 'xsplice-build/config';
const abi: string = 'livepatch-v3';
export default defineConfig({ abi: abi as 'livepatch-v2' });
`;
    const configuration = folder.write('xsplice.config.ts', text);
    const { stderr } = await runCli(['build', ...EXAMPLE_OBJECTS, '--config-file', configuration], {
      cwd: folder.path,
      env: { XSPLICE_CACHE: join(folder.path, 'cache') },
    });
    const [, code, message] = /^error\[(XS715)\]: (.*)$/m.exec(stderr) ?? [];
    const hint = /^ {2}hint: (.*)$/m.exec(stderr)?.[1];
    if (code !== 'XS715') throw new Error(`not XS715: ${stderr}`);
    return [
      {
        code,
        severity: 'error',
        message,
        at: { object: configuration },
        notes: [],
        ...(hint !== undefined && { hint }),
      },
    ];
  }),
};
