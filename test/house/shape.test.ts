/**
 * The shape of files: how they begin, how long they and their functions are, what they are called, and that
 * something uses them. Lengths are not beauty; but what does not fit on a screen is not read as a whole.
 */
import { describe, expect, test } from '@jest/globals';
import { ts } from '@ts-morph/bootstrap';
import { demand, filesUnder, lineOf, placeOf, sample, sourcesUnder, walk } from './house.js';
import type { Source } from './house.js';
import { fileGraph, reachable } from './imports.js';
import { headerText } from './pass-files.js';

const LONGEST_FILE = 400;
const LONGEST_PASS = 250;
const LONGEST_FUNCTION = 60;

/** Files whose reader asks for a default export. */
const DEFAULT_EXPORTS: readonly { readonly path: string; readonly why: string }[] = [
  { path: 'src/engine/worker.ts', why: 'tinypool calls the default export of a worker' },
  { path: 'test/support/summary-reporter.ts', why: 'jest constructs the default export of a reporter' },
];

function lengthComplaints(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const lines = lineOf(source, source.text.trimEnd().length);
    const most = source.path.startsWith('passes/') ? LONGEST_PASS : LONGEST_FILE;
    return lines > most ? [`${source.path} has ${lines} lines, more than ${most}`] : [];
  });
}

/** Functions of the product. A test's `describe` is as long as its list of cases. */
function functionComplaints(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const found: string[] = [];
    walk(source.tree, (node) => {
      if (!ts.isFunctionLike(node) || !('body' in node)) return;
      const lines = lineOf(source, node.getEnd()) - lineOf(source, node.getStart(source.tree)) + 1;
      if (lines > LONGEST_FUNCTION)
        found.push(`${placeOf(source, node)}: a function of ${lines} lines, more than ${LONGEST_FUNCTION}`);
    });
    return found;
  });
}

function headerComplaints(sources: readonly Source[]): string[] {
  return sources
    .filter((source) => headerText(source).length < SHORTEST_HEADER)
    .map((source) => `${source.path} does not begin with a comment that says what it is for`);
}

const SHORTEST_HEADER = 20;

function nameComplaints(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path }) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (/^(utils?|misc|common-utils)\./.test(name)) return [`${path} says nothing about what is in it`];
    return /^[a-z0-9-]+(\.test)?\.ts$/.test(name) ? [] : [`${path} is not in kebab-case`];
  });
}

function defaultExportComplaints(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    if (DEFAULT_EXPORTS.some((allowed) => allowed.path === source.path)) return [];
    return source.tree.statements
      .filter(
        (statement) =>
          ts.isExportAssignment(statement) ||
          (ts.canHaveModifiers(statement) &&
            statement.modifiers?.some((m) => m.kind === ts.SyntaxKind.DefaultKeyword) === true),
      )
      .map((statement) => `${placeOf(source, statement)}: a default export`);
  });
}

/** Files of the product that neither the command line, the library, a worker nor a test leads to. */
function orphanComplaints(sources: readonly Source[]): string[] {
  // Beside the command line and the library: what starts in threads and processes of its own, and what is loaded there.
  const entries = [
    'src/cli.ts',
    'src/index.ts',
    'src/config.ts',
    'src/engine/worker.ts',
    'src/user/compile-main.ts',
    'src/user/run-main.ts',
    'src/user/inside.ts',
    'src/report/html/browser/explore.ts',
  ];
  const tests = sources.map((source) => source.path).filter((path) => path.startsWith('test/'));
  const reached = reachable(fileGraph(sources), [...entries, ...tests]);
  return sources
    .map((source) => source.path)
    .filter((path) => !path.startsWith('test/') && !reached.has(path))
    .map((path) => `${path} is used by nothing`);
}

/** Folders of tests that stand for themselves; below test/src and test/passes lies a mirror of the product. */
const TEST_FOLDERS = [
  'browser',
  'bench',
  'emulator',
  'golden',
  'house',
  'moment',
  'mutations',
  'passes',
  'src',
  'support',
  'xen',
];

function mirrorComplaints(tests: readonly string[], product: readonly string[]): string[] {
  return tests.flatMap((path) => {
    const [, top, ...below] = path.split('/');
    if (!TEST_FOLDERS.includes(top)) return [`${path}: test/ has no folder ${top}`];
    if (top !== 'src' && top !== 'passes') return [];
    const subject = [top, ...below].join('/').replace(/\.test\.ts$/, '.ts');
    const folder = subject.slice(0, subject.lastIndexOf('/'));
    const inMirror = below.length > 1 ? product.some((p) => p.startsWith(`${folder}/`)) : false;
    if (product.includes(subject) || inMirror) return [];
    return [`${path}: there is no ${subject}${below.length > 1 ? `, nor a folder ${folder}` : ''}`];
  });
}

const PRODUCT = sourcesUnder('src', 'passes');
const ALL = [...PRODUCT, ...sourcesUnder('test')];

describe('files', () => {
  test('begin with what they are for', () => {
    demand(
      headerComplaints(ALL),
      'open the file with a comment of 1 to 15 lines: the problem it solves and what a reader must know',
    );
  });

  test('are short enough to be read', () => {
    demand(lengthComplaints(ALL), 'split the file where its header needs an "and"');
  });

  test('hold functions that fit on a screen', () => {
    demand(functionComplaints(PRODUCT), 'give the steps of the function names of their own');
  });

  test('are named after what is in them', () => {
    demand(nameComplaints(ALL), 'name the file after what it knows, in kebab-case');
  });

  test('have no default exports', () => {
    demand(
      defaultExportComplaints(ALL),
      'export by name; where a foreign reader asks for a default, add the file to DEFAULT_EXPORTS with the reason',
    );
  });

  test('are used, and their tests lie beside their mirror image', () => {
    demand(
      [
        ...orphanComplaints(ALL),
        ...mirrorComplaints(
          filesUnder('test').filter((path) => path.endsWith('.test.ts')),
          PRODUCT.map((source) => source.path),
        ),
      ],
      'delete what nothing uses; put the test of src/a/b.ts at test/src/a/b.test.ts',
    );
  });
});

describe('the rules about files', () => {
  test('see headers, names and default exports', () => {
    const bare = ['', 'export {};', "#!/usr/bin/env node\nimport x from 'x';", '/** short */'];
    for (const text of bare) expect(headerComplaints([sample('src/x.ts', text)])).toHaveLength(1);
    const told = '#!/usr/bin/env node\n/** What this file is there for. */\nexport {};';
    expect(headerComplaints([sample('src/x.ts', told)])).toEqual([]);
    for (const path of ['src/elf/utils.ts', 'src/elf/Read.ts'])
      expect(nameComplaints([sample(path, '')])).toHaveLength(1);
    for (const text of ['export default 1;', 'export default function f() {}', 'export default class {}'])
      expect(defaultExportComplaints([sample('src/x.ts', text)])).toHaveLength(1);
  });

  test('see lengths', () => {
    const lines = (count: number): string => '\n//'.repeat(count);
    expect(lengthComplaints([sample('passes/x.ts', lines(250))])).toHaveLength(1);
    expect(lengthComplaints([sample('src/x.ts', lines(250))])).toEqual([]);
    expect(functionComplaints([sample('src/x.ts', `const f = () => {${lines(60)}\n};`)])).toHaveLength(1);
    expect(functionComplaints([sample('src/x.ts', `class C { m() {${lines(57)}\n}}`)])).toEqual([]);
  });

  test('see orphans', () => {
    const files = [
      sample('src/cli.ts', "import './a.js';"),
      sample('src/a.ts', "const b = () => import('./b.js');"),
      sample('src/b.ts', ''),
      sample('src/c.ts', "import './a.js';"),
    ];
    expect(orphanComplaints(files)).toEqual(['src/c.ts is used by nothing']);
    const product = ['src/elf/read.ts', 'src/cli.ts', 'passes/parse-elf.ts'];
    const good = ['test/src/elf/other.test.ts', 'test/src/cli.test.ts', 'test/passes/parse-elf.test.ts'];
    expect(mirrorComplaints([...good, 'test/house/x.test.ts'], product)).toEqual([]);
    const bad = ['test/src/gone/x.test.ts', 'test/passes/gone.test.ts', 'test/novel/x.test.ts'];
    expect(mirrorComplaints(bad, product)).toHaveLength(3);
  });
});
