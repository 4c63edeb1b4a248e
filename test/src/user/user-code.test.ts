/** Code of users: it runs where there is nothing but the language, and whatever it does, the build goes on to say so. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Interrupted } from '../../../src/run/run-control.js';
import { heard, openFiles, passFolder, passText } from '../../support/user-passes.js';
import type { Opened } from '../../support/user-passes.js';

const folder = passFolder();
afterAll(() => folder.remove());

let number = 0;
/** A pass in a file of its own. */
const file = (body: string): string => folder.write(`pass-${String(number++)}.ts`, passText('mine', body));

const codes = ({ found }: Opened): string[] => found.map(({ code }) => code);

describe('a pass', () => {
  test('says what it says, in order', async () => {
    const { said, found } = await heard(
      file(
        "ctx.note('a');\n ctx.warn('b', { object: 'x.o' });\n ctx.veto('c');\n ctx.drop({ object: 'x.o', name: 'f' }, 'd');",
      ),
    );
    expect(found).toEqual([]);
    expect(said).toEqual([
      { say: 'note', message: 'a' },
      { say: 'warn', message: 'b', about: { object: 'x.o' } },
      { say: 'veto', message: 'c' },
      { say: 'drop', message: 'd', target: { object: 'x.o', name: 'f' } },
    ]);
  });

  test('imports what lies beside it, and JSON', async () => {
    folder.write('parts/words.json', '["one", "two"]');
    folder.write(
      'parts/join.ts',
      "export const join = (all: readonly string[]): string => all.join(' and ');\n",
    );
    const text = `import words from './parts/words.json' with { type: 'json' };
import { join } from './parts/join.ts';
${passText('mine', 'ctx.note(join(words));')}`;
    const { said, code } = await heard(folder.write('imports.ts', text));
    expect(said).toEqual([{ say: 'note', message: 'one and two' }]);
    expect(code?.files.map(({ path }) => path.slice(folder.path.length + 1))).toEqual([
      'imports.ts',
      'parts/join.ts',
      'parts/words.json',
    ]);
  });

  test('may take its time, in promises', async () => {
    const text = passText('mine', "const told = await Promise.resolve('later');\n ctx.note(told);").replace(
      'run(',
      'async run(',
    );
    expect((await heard(folder.write('async.ts', text))).said).toEqual([{ say: 'note', message: 'later' }]);
  });

  test('finds nothing of Node, no clock and no chance', async () => {
    const body = `const there = ['process', 'require', 'fetch', 'setTimeout', 'console', 'Buffer'].filter((name) => name in globalThis);
    ctx.note(there.join() || 'nothing');
    for (const ask of [() => Math.random(), () => Date.now(), () => new Date(), () => Date()])
      try { ask(); ctx.note('told'); } catch (thrown) { ctx.note((thrown as Error).message); }`;
    const { said } = await heard(file(body));
    const [there, ...asked] = (said as { message: string }[]).map(({ message }) => message);
    expect(there).toBe('nothing');
    expect(asked).toHaveLength(4);
    for (const answer of asked) expect(answer).toContain('what it decides follows from what it is given');
  });

  test('cannot make code of texts, and what it climbs out to can open no file', async () => {
    const body = `const outer = (ctx.note as unknown as { constructor: (text: string) => () => unknown }).constructor;
    for (const text of ['return 1', 'return process.env'])
      try { ctx.note(String(outer(text)())); } catch (thrown) { ctx.note((thrown as Error).name); }`;
    const { said } = await heard(file(body));
    expect((said as { message: string }[]).map(({ message }) => message)).toEqual(['EvalError', 'EvalError']);
  });
});

/** What passes do that do not behave, and what is said of it. */
const BAD: readonly (readonly [what: string, body: string, code: string])[] = [
  ['throws', "throw new Error('no');", 'XS704'],
  ['throws nothing', 'throw undefined;', 'XS704'],
  ['throws what lies', "throw { get message(): string { throw new Error('x'); } };", 'XS704'],
  [
    'recurses without end',
    'const f = (n: number): number => f(n + 1) + 1;\n ctx.note(String(f(0)));',
    'XS704',
  ],
  ['loops', 'for (;;);', 'XS705'],
  ['waits for ever', 'return new Promise<void>(() => undefined);', 'XS705'],
  ['loops in a regular expression', "/^(a+)+$/.test('a'.repeat(64) + 'b');", 'XS705'],
  ['loops in promises', 'const f = (): Promise<void> => Promise.resolve().then(f);\n return f();', 'XS705'],
  ['fills the heap', 'const a: unknown[] = [];\n for (;;) a.push(new Array(1000).fill(a.length));', 'XS706'],
  ['fills one array', 'const a: number[] = [];\n for (;;) a.push(1);', 'XS706'],
  [
    'fills buffers',
    'const a: Uint8Array[] = [];\n for (;;) a.push(new Uint8Array(1 << 24).fill(1));',
    'XS706',
  ],
  ['says no text', 'ctx.note(view as unknown as string);', 'XS713'],
  ['says too much', "for (let k = 0; k < 20000; k++) ctx.note('x');", 'XS713'],
  ['names nothing', "ctx.drop({} as { object: string; name: string }, 'x');", 'XS713'],
];

describe('a pass that does not behave', () => {
  const all = BAD.map(
    ([, body], k) =>
      `definePass({ name: 'bad-${String(k)}', after: 'select-changed', run(view, ctx) { ${body} } })`,
  );
  const path = folder.write(
    'bad.ts',
    `import { definePass } from 'xsplice-build/config';\nexport default [\n${all.join(',\n')},\n];\n`,
  );

  test.each(BAD.map(([what, , code], k) => [what, code, k] as const))(
    '%s, and is named',
    async (_what, code, k) => {
      const timeout = code === 'XS706' ? 60_000 : 500;
      const opened = await openFiles([path], { timeout, cacheDir: join(folder.path, 'bad-cache') });
      const part = opened.code?.partsAt('select-changed')[k];
      if (opened.code === undefined || part === undefined) throw new Error('it was not loaded');
      const said = await opened.code.ask(part, { functions: [] }, (one) => void opened.found.push(one));
      opened.code.close();
      expect(codes(opened)).toEqual([code]);
      expect(opened.found[0].message).toContain(`pass bad-${String(k)} `);
      expect(said).toBeUndefined();
    },
    60_000,
  );

  test('loops while it is loaded, and the file is named', async () => {
    const path = folder.write('loops.ts', `for (;;);\n${passText('mine', '')}`);
    const opened = await openFiles([path], { timeout: 500 });
    expect(codes(opened)).toEqual(['XS705']);
    expect(opened.found[0].message).toContain('loops.ts');
  });

  test('throws in what it imports, and the place is there', async () => {
    folder.write('deep.ts', '\n\nexport function deep(): never {\n  throw new TypeError("deep");\n}\n');
    const path = folder.write(
      'shallow.ts',
      `import { deep } from './deep.ts';\n${passText('mine', 'deep();')}`,
    );
    const { found } = await heard(path);
    expect(found[0].at?.object).toMatch(/deep\.ts$/);
    expect(found[0].at?.line).toBe(4);
    expect(found[0].frame?.[1].indexOf('^')).toBe(found[0].frame?.[0].indexOf('new TypeError') ?? 0);
  });

  test('is interrupted, while it is loaded and while it is asked', async () => {
    const aborted = await openFiles([file('')], { signal: AbortSignal.abort() });
    expect([codes(aborted), aborted.code]).toEqual([['XS819'], undefined]);
    const abort = new AbortController();
    const { code } = await openFiles([file('for (;;);')], { signal: abort.signal, timeout: 60_000 });
    const [part] = code?.partsAt('select-changed') ?? [];
    if (code === undefined || part === undefined) throw new Error('it was not loaded');
    const asked = code.ask(part, { functions: [] }, () => undefined);
    setTimeout(() => abort.abort(), 200);
    await expect(asked).rejects.toBeInstanceOf(Interrupted);
  });
});

describe('a file that is no pass', () => {
  test.each([
    ['no.js', 'export default 1;', 'XS701'],
    ['types.d.ts', 'export default 1;', 'XS701'],
    ['package.ts', "import { parse } from 'valibot';\nexport default parse;", 'XS701'],
    ['dynamic.ts', "export default await import('node:fs');", 'XS701'],
    ['syntax.ts', 'export default {;', 'XS702'],
    ['nothing.ts', 'export const x = 1;', 'XS702'],
    ['number.ts', 'export default 1;', 'XS702'],
    ['unmade.ts', "export default { name: 'x', after: 'select-changed', run(): void {} };", 'XS702'],
    ['liar.ts', 'const pass: unknown = 1;\nexport default pass as never;', 'XS713'],
    ['name.ts', passText('mine\\x1b[31m', ''), 'XS713'],
  ])('%s is refused', async (name, text, code) => {
    const opened = await openFiles([folder.write(name, text)]);
    expect(codes(opened)).toContain(code);
    expect(opened.code).toBeUndefined();
    for (const { message } of opened.found) expect(message).not.toMatch(/[\x00-\x1f]/);
  });

  test('a missing one, a huge one and a folder are told of', async () => {
    const huge = folder.write('huge.ts', `// ${'x'.repeat(1 << 20)}`);
    for (const path of [join(folder.path, 'missing.ts'), huge]) {
      expect(codes(await openFiles([path]))).toEqual(['XS104']);
    }
  });
});

describe('the cache', () => {
  const cacheDir = join(folder.path, 'cache');
  const record = (): string => join(cacheDir, 'passes', readdirSync(join(cacheDir, 'passes'))[0]);

  test('keeps what was compiled as long as all of it is as it was', async () => {
    folder.write('cached/word.ts', "export const word: string = 'old';\n");
    const path = folder.write(
      'cached/pass.ts',
      `import { word } from './word.ts';\n${passText('mine', 'ctx.note(word);')}`,
    );
    const say = async (): Promise<unknown> => (await heard(path, { cacheDir })).said;
    expect(await say()).toEqual([{ say: 'note', message: 'old' }]);
    // What is kept is what runs: changed behind our back, it says so.
    const kept = readFileSync(record(), 'utf8');
    writeFileSync(record(), kept.replace("'old'", "'kept'"));
    expect(await say()).toEqual([{ say: 'note', message: 'kept' }]);
    folder.write('cached/word.ts', "export const word: string = 'new';\n");
    expect(await say()).toEqual([{ say: 'note', message: 'new' }]);
    writeFileSync(record(), '{"pass": {"entry"');
    expect(await say()).toEqual([{ say: 'note', message: 'new' }]);
    writeFileSync(record(), '{"pass": {"entry": 1, "modules": [], "inputs": []}}');
    expect(await say()).toEqual([{ say: 'note', message: 'new' }]);
  }, 60_000);
});
