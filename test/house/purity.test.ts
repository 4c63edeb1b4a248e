/**
 * Two runs give the same bytes, whatever the directory, the number of threads or the time. That holds because
 * what computes does not look outside: no files, no processes, no clock, no randomness, no environment in passes
 * and in the knowledge they use. What must look outside (the command line, the source stage, effect passes) is
 * elsewhere. And only src/cli.ts ends the process, so that the library can be used by others.
 */
import { describe, expect, test } from '@jest/globals';
import { ts } from '@ts-morph/bootstrap';
import { demand, placeOf, sample, sourcesUnder, walk } from './house.js';
import type { Source } from './house.js';
import { importsOf } from './imports.js';
import { EFFECT_FORMS, readPass } from './pass-files.js';

/** Folders whose results depend on their input alone. */
const PURE = [
  'passes/',
  'src/model/',
  'src/xen/',
  'src/elf/',
  'src/dwarf/',
  'src/x86/',
  'src/emulator/',
  'src/validate/',
  'src/diag/',
  'src/report/',
];

/** What pure code may import from Node: nothing that can tell one run from another. */
const HARMLESS = new Set([
  'node:crypto',
  'node:module',
  'node:util',
  'node:buffer',
  'node:assert',
  'node:zlib',
]);

/** Expressions by which the outside comes in without an import. */
const OUTSIDE = /^(Date\.now|Math\.random|performance\.\w+|process\.\w+|crypto\.\w+|globalThis\.\w+)$/;
const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch']);

/** Parts of node:crypto that give the same answer every time. */
const DETERMINISTIC_CRYPTO = new Set(['createHash', 'Hash']);

/** Passes of these forms may read and write files, and their headers say what they do. */
function isEffectPass(source: Source): boolean {
  return source.path.startsWith('passes/') && EFFECT_FORMS.has(readPass(source).form);
}

function importComplaints(source: Source): string[] {
  return importsOf(source).flatMap(({ target, node }) => {
    if (!target.startsWith('node:')) return [];
    if (/^node:(fs|path)(\/|$)/.test(target) && isEffectPass(source)) return [];
    if (!HARMLESS.has(target)) return [`${placeOf(source, node)}: imports ${target}`];
    if (target !== 'node:crypto') return [];
    const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : undefined;
    const names = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
    if (names.length > 0 && names.every((n) => DETERMINISTIC_CRYPTO.has((n.propertyName ?? n.name).text)))
      return [];
    return [`${placeOf(source, node)}: imports more of node:crypto than createHash`];
  });
}

function expressionComplaints(source: Source): string[] {
  const found: string[] = [];
  walk(source.tree, (node) => {
    const place = (): string => placeOf(source, node);
    if (ts.isPropertyAccessExpression(node) && OUTSIDE.test(node.getText(source.tree)))
      found.push(`${place()}: ${node.getText(source.tree)}`);
    if (ts.isNewExpression(node) && node.expression.getText(source.tree) === 'Date')
      found.push(`${place()}: new Date`);
    if (ts.isCallExpression(node) && TIMERS.has(node.expression.getText(source.tree)))
      found.push(`${place()}: ${node.expression.getText(source.tree)}()`);
  });
  return found;
}

function purityComplaints(sources: readonly Source[]): string[] {
  return sources
    .filter((source) => PURE.some((folder) => source.path.startsWith(folder)))
    .flatMap((source) => [...importComplaints(source), ...expressionComplaints(source)]);
}

function processComplaints(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const found: string[] = [];
    walk(source.tree, (node) => {
      if (!ts.isPropertyAccessExpression(node)) return;
      const text = node.getText(source.tree);
      const ends = /^process\.(exit|exitCode|abort|reallyExit)$/.test(text);
      if (ends && source.path !== 'src/cli.ts') found.push(`${placeOf(source, node)}: ${text}`);
      if (GLOBAL_CONSOLE.test(text)) found.push(`${placeOf(source, node)}: ${text}`);
    });
    return found;
  });
}

/** What Node's console can do; the hypervisor's, which is a `console` too, prints lines. */
const GLOBAL_CONSOLE =
  /^console\.(log|error|warn|info|debug|trace|dir|table|assert|group\w*|time\w*|count\w*)$/;

const PRODUCT = sourcesUnder('src', 'passes');

describe('purity', () => {
  test('passes, and the knowledge they use, look at nothing but their input', () => {
    demand(
      purityComplaints(PRODUCT),
      'take the value as part of the input; a pass that must read files is a Feed',
    );
  });

  test('only src/cli.ts ends the process, and only terminals are written to', () => {
    demand(
      processComplaints(PRODUCT),
      'return an ExitCode to src/cli.ts or a diagnostic to your caller; print through Terminal (src/cli/terminal.ts)',
    );
  });

  test('the rules see each way to look outside', () => {
    const outside = [
      "import { readFileSync } from 'node:fs';",
      "import { spawn } from 'node:child_process';",
      "import { randomUUID } from 'node:crypto';",
      "import * as crypto from 'node:crypto';",
      "const { cwd } = await import('node:process');",
      'const now = Date.now();',
      'const now = new Date();',
      'const x = Math.random();',
      'const begin = performance.now();',
      "const home = process.env['HOME'];",
      'setTimeout(() => undefined, 1);',
    ];
    for (const text of outside) expect(purityComplaints([sample('passes/x.ts', text)])).toHaveLength(1);
    const inside = ["import { createHash } from 'node:crypto';", 'const when = input.date.now;'];
    for (const text of inside) expect(purityComplaints([sample('passes/x.ts', text)])).toEqual([]);
  });

  test('an effect pass may touch files, and no clock', () => {
    const head = "import { readFileSync } from 'node:fs';\nexport const x: Feed<A, B> = { effect: () => ";
    expect(purityComplaints([sample('passes/x.ts', `${head}readFileSync('a') };`)])).toEqual([]);
    expect(purityComplaints([sample('passes/x.ts', `${head}Date.now() };`)])).toHaveLength(1);
    expect(purityComplaints([sample('src/xen/x.ts', `${head}readFileSync('a') };`)])).toHaveLength(1);
  });

  test('the rules see who ends the process or prints past the terminal', () => {
    const text = 'process.exit(1); process.exitCode = 2; console.log(1);';
    expect(processComplaints([sample('src/cli/build.ts', text)])).toHaveLength(3);
    expect(processComplaints([sample('src/cli.ts', 'process.exitCode = 2;')])).toEqual([]);
  });
});
