/**
 * Which words of TypeScript we do without: `any`, and assertions that tell tsc to believe what it cannot check,
 * except at the boundaries where bytes and threads bring values without types. And names that say nothing.
 */
import { describe, expect, test } from '@jest/globals';
import { ts } from '@ts-morph/bootstrap';
import { demand, placeOf, sample, sourcesUnder, walk } from './house.js';
import type { Source } from './house.js';

/** Files that may say `as`, and what they know that tsc cannot. */
const ASSERTIONS: readonly { readonly path: string; readonly why: string }[] = [
  { path: 'src/elf/read.ts', why: 'require() of elfy, which brings no types' },
  { path: 'src/x86/decode.ts', why: 'require() of iced-x86, which is typed for import only' },
  { path: 'src/emulator/translate.ts', why: 'what `new Function` makes of text has no type' },
  { path: 'src/engine/pass.ts', why: 'links of a chain, checked by `then` when it was built' },
  { path: 'src/engine/pipeline.ts', why: 'links of a pipeline, checked by `to` when it was built' },
  { path: 'src/engine/execute.ts', why: 'the last link of a chain gives the result, checked by `end`' },
  { path: 'src/engine/pool.ts', why: 'what comes back from a thread' },
  { path: 'src/user/run-main.ts', why: 'what modules of the user export, and what our own process asks' },
  { path: 'src/report/html/browser/explore.ts', why: 'what the page holds for its own script' },
  { path: 'src/engine/registry.ts', why: 'a chain found by its name has lost its types' },
];

function assertionComplaints(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    if (ASSERTIONS.some((allowed) => allowed.path === source.path)) return [];
    const found: string[] = [];
    walk(source.tree, (node) => {
      if (
        ts.isTypeAssertionExpression(node) ||
        (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type))
      )
        found.push(`${placeOf(source, node)}: ${node.getText(source.tree).split('\n')[0]}`);
    });
    return found;
  });
}

function anyComplaints(sources: readonly Source[]): string[] {
  return collect(sources, (node, source) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) return 'the type any';
    const text = source.text.slice(node.getFullStart(), node.getStart(source.tree));
    return ts.isStatement(node) && /@ts-(ignore|nocheck|expect-error)/.test(text)
      ? 'switches tsc off'
      : undefined;
  });
}

/** Names that say what something is stored as or where it is, not what it is. */
const EMPTY_NAMES = new Set(['offset', 'id', 'data']);

function emptyNameComplaints(sources: readonly Source[]): string[] {
  return collect(sources, (node, source) => {
    if (!ts.isVariableDeclaration(node) && !ts.isParameter(node) && !ts.isBindingElement(node))
      return undefined;
    const name = ts.isIdentifier(node.name) ? node.name.text : '';
    return EMPTY_NAMES.has(name) ? `a variable named ${node.name.getText(source.tree)}` : undefined;
  });
}

function identifierComplaints(sources: readonly Source[]): string[] {
  return collect(sources, (node) => {
    if (!ts.isIdentifier(node) && !ts.isPrivateIdentifier(node)) return undefined;
    return /^[\x20-\x7e]*$/.test(node.text) ? undefined : `the name ${node.text} is not plain ASCII`;
  });
}

function collect(
  sources: readonly Source[],
  complaint: (node: ts.Node, source: Source) => string | undefined,
): string[] {
  return sources.flatMap((source) => {
    const found: string[] = [];
    walk(source.tree, (node) => {
      const what = complaint(node, source);
      if (what !== undefined) found.push(`${placeOf(source, node)}: ${what}`);
    });
    return found;
  });
}

const PRODUCT = sourcesUnder('src', 'passes');
const ALL = [...PRODUCT, ...sourcesUnder('test')];

describe('language', () => {
  test('no `any`, and tsc is never switched off', () => {
    demand(anyComplaints(ALL), 'name the type; what may really be anything is `unknown`');
  });

  test('no assertions but at the boundaries', () => {
    demand(
      assertionComplaints(PRODUCT),
      'let tsc see it: a type guard, a narrower variable, a check that throws; a new boundary goes into ASSERTIONS with what it knows',
    );
    const paths = PRODUCT.map((source) => source.path);
    demand(
      ASSERTIONS.filter(({ path }) => {
        const source = PRODUCT.find((s) => s.path === path);
        return source === undefined || assertionComplaints([{ ...source, path: '' }]).length === 0;
      }).map(({ path }) => `${path} ${paths.includes(path) ? 'asserts nothing any more' : 'does not exist'}`),
      'remove the row from ASSERTIONS',
    );
  });

  test('variables say what they hold', () => {
    demand(
      emptyNameComplaints(ALL),
      'name the unit or the thing: r_offset, fileAt, buildId, bytes; a foreign property is renamed as it is taken out: `{ data: bytes }`',
    );
  });

  test('identifiers are plain ASCII', () => {
    demand(
      identifierComplaints(ALL),
      'spell the name in ASCII; text in strings and comments may be anything',
    );
  });
});

describe('the rules about language', () => {
  const check = (rule: (sources: readonly Source[]) => string[], text: string): number =>
    rule([sample('src/x.ts', text)]).length;

  test('see assertions', () => {
    expect(check(assertionComplaints, 'const a = b as C; const d = <E>f; const g = h as unknown as I;')).toBe(
      4,
    );
    expect(check(assertionComplaints, "const a = ['b'] as const; import * as c from 'c';")).toBe(0);
  });

  test('see any', () => {
    expect(check(anyComplaints, 'const a: any = 1; type B = Map<string, any>;')).toBe(2);
    expect(check(anyComplaints, '// @ts-ignore\nconst a = 1;')).toBe(1);
    expect(check(anyComplaints, "const any = 'any'; // any of them")).toBe(0);
  });

  test('see empty names', () => {
    expect(check(emptyNameComplaints, 'const offset = 1; const f = (id) => 2; const { data } = g;')).toBe(3);
    expect(check(emptyNameComplaints, 'const { data: bytes } = f; const x = g.id; h({ offset: 1 });')).toBe(
      0,
    );
  });

  test('see letters from elsewhere', () => {
    expect(check(identifierComplaints, 'const größe = 1;')).toBe(1);
    expect(check(identifierComplaints, "const size = 'größe'; // Größe")).toBe(0);
  });
});
