/**
 * Passes: one a file, known by one name (of the file, of the pass, of the constant), with a header that says the
 * same as the code, and all of them in src/pipeline.ts.
 */
import { describe, expect, test } from '@jest/globals';
import { ts } from '@ts-morph/bootstrap';
import { DIAGNOSTIC_CODES } from '../../src/diag/codes.js';
import { emittedCodes } from './emitted-codes.js';
import { demand, placeOf, sample, sourcesUnder, walk } from './house.js';
import type { Source } from './house.js';
import { fileGraph, importsOf, reachable } from './imports.js';
import { EFFECT_FORMS, PASS_FORMS, kebab, readPass, reportedCodes } from './pass-files.js';

const CODES: readonly string[] = Object.keys(DIAGNOSTIC_CODES);

function shapeComplaints(source: Source): string[] {
  const pass = readPass(source);
  const wanted = source.path.replace(/^passes\/|\.ts$/g, '');
  const found: string[] = [];
  const say = (text: string): void => void found.push(`${source.path}: ${text}`);
  if (!/^passes\/[a-z0-9-]+\.ts$/.test(source.path)) say('passes lie directly in passes/, in kebab-case');
  if (pass.exported.length !== 1)
    say(`exports ${pass.exported.length} constants (${pass.exported.join(', ')}), not one`);
  if (pass.name !== wanted) say(`the pass is named '${pass.name}', not '${wanted}'`);
  if (pass.exported.length > 0 && kebab(pass.exported[0]) !== wanted)
    say(`the constant is ${pass.exported[0]}, not '${wanted}' in camelCase`);
  if (!PASS_FORMS.has(pass.form))
    say(`the constant is declared as '${pass.form}', not as ${[...PASS_FORMS].join(', ')}`);
  if (kebab(pass.input) !== pass.reads) say(`reads '${pass.reads}', but its input is ${pass.input}`);
  if (kebab(pass.output) !== pass.makes) say(`makes '${pass.makes}', but its output is ${pass.output}`);
  return found;
}

function headerComplaints(source: Source): string[] {
  const { header, effect, form, reads, makes } = readPass(source);
  const found: string[] = [];
  const say = (text: string): void => void found.push(`${source.path}: ${text}`);
  if (header === undefined) {
    say('the header is not `/** Reads: A. Makes: B. Assumes: …. Reports: XSnnn, XSnnn. */`');
    return found;
  }
  if (header.Reads !== reads) say(`the header reads ${header.Reads}, the pass ${reads}`);
  if (header.Makes !== makes) say(`the header makes ${header.Makes}, the pass ${makes}`);
  if (EFFECT_FORMS.has(form) !== (effect !== undefined))
    say(`a ${form} ${effect === undefined ? 'must say' : 'has no'} \`Effect: …\` in its header`);
  const told = reportedCodes(header.Reports, CODES);
  for (const code of told) if (!CODES.includes(code)) say(`${code} in the header does not exist`);
  if (told.length === 0 && !/^nothing\b/.test(header.Reports)) say('Reports names no code and not `nothing`');
  for (const { code } of emittedCodes(source))
    if (!told.includes(code)) say(`${code} is emitted here and not in the header`);
  return found;
}

/** Codes in a header must be emitted by the pass or by what it imports. */
function inventedCodeComplaints(passes: readonly Source[], all: readonly Source[]): string[] {
  const graph = fileGraph(all);
  const emitted = new Map(all.map((source) => [source.path, emittedCodes(source).map(({ code }) => code)]));
  return passes.flatMap((source) => {
    const { header } = readPass(source);
    const near = new Set([...reachable(graph, [source.path])].flatMap((path) => emitted.get(path) ?? []));
    return reportedCodes(header?.Reports ?? '', CODES)
      .filter((code) => CODES.includes(code) && !near.has(code))
      .map((code) => `${source.path}: ${code} is in the header, but nothing that the pass calls emits it`);
  });
}

/** Passes are used in the pipeline: handed to a call, or the feed of a lane. */
function pipelineComplaints(pipeline: Source, passes: readonly Source[]): string[] {
  const found: string[] = [];
  const used = new Set<string>();
  walk(pipeline.tree, (node) => {
    const parent = node.parent;
    if (!ts.isIdentifier(node) || ts.isImportSpecifier(parent)) return;
    if (ts.isCallExpression(parent) || ts.isPropertyAssignment(parent)) used.add(node.text);
  });
  const imported = new Set(importsOf(pipeline).map((i) => i.target));
  for (const source of passes) {
    const [constant] = readPass(source).exported;
    if (!imported.has(source.path) || !used.has(constant))
      found.push(`${source.path}: ${constant} is not used in ${pipeline.path}`);
  }
  const files = new Set(passes.map((source) => source.path));
  for (const { target, node } of importsOf(pipeline))
    if (target.startsWith('passes/') && !files.has(target))
      found.push(`${placeOf(pipeline, node)}: ${target} does not exist`);
  return found;
}

/** A pass written into src/ instead of a file of its own. */
function strayComplaints(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const found: string[] = [];
    walk(source.tree, (node) => {
      if (!ts.isVariableDeclaration(node) || node.type === undefined || node.initializer === undefined)
        return;
      const form = ts.isTypeReferenceNode(node.type) ? node.type.typeName.getText(source.tree) : '';
      if (PASS_FORMS.has(form)) found.push(`${placeOf(source, node)}: a ${form} outside of passes/`);
    });
    return found;
  });
}

const PASSES = sourcesUnder('passes');
const PRODUCT = sourcesUnder('src');
const PIPELINE = PRODUCT.filter((source) => source.path === 'src/pipeline.ts');

describe('passes', () => {
  test('have one name and one form', () => {
    demand(
      PASSES.flatMap(shapeComplaints),
      'file passes/do-this.ts exports one constant `doThis: SerialPass<ArtifactA, ArtifactB>` (or ItemPass, Feed) with name `do-this`, reads `artifact-a`, makes `artifact-b`',
    );
  });

  test('have a header that says what the code says', () => {
    demand(
      [...PASSES.flatMap(headerComplaints), ...inventedCodeComplaints(PASSES, [...PASSES, ...PRODUCT])],
      'rewrite the first comment of the file; it is what the pass table in src/README.md shows',
    );
  });

  test('are all in the pipeline, and only in passes/', () => {
    demand(
      [...PIPELINE.flatMap((pipeline) => pipelineComplaints(pipeline, PASSES)), ...strayComplaints(PRODUCT)],
      'give the pass its place in src/pipeline.ts, with a line of why before it; delete a pass that nobody runs',
    );
    expect(PIPELINE).toHaveLength(1);
  });
});

describe('the rules about passes', () => {
  const good = [
    '/** Reads: parsed-pair. Makes: pair-diff. Assumes: nothing. Reports: XS301 to XS303. */',
    'export const doThis: ItemPass<ParsedPair, PairDiff, PairDiff> = {',
    "  name: 'do-this', reads: 'parsed-pair', makes: 'pair-diff',",
    "  each: (pair) => ({ next: diagnostic('XS302') }),",
    '};',
  ].join('\n');
  const pass = (text: string): Source => sample('passes/do-this.ts', text);

  test('are content with a good pass', () => {
    expect([...shapeComplaints(pass(good)), ...headerComplaints(pass(good))]).toEqual([]);
  });

  test.each([
    ["name: 'do-this'", "name: 'do-that'", "the pass is named 'do-that', not 'do-this'"],
    ['const doThis', 'const doThat', "the constant is doThat, not 'do-this' in camelCase"],
    ['ItemPass<ParsedPair,', 'ItemPass<BundledPair,', "reads 'parsed-pair', but its input is BundledPair"],
    ['export', 'export const two = 2;\nexport', 'exports 2 constants (two, doThis), not one'],
  ])('complain about the shape when %s becomes %s', (before, after, complaint) => {
    expect(shapeComplaints(pass(good.replace(before, after)))).toContain(`passes/do-this.ts: ${complaint}`);
  });

  test.each([
    ['Makes: pair-diff', 'Makes: selection', 'the header makes selection, the pass pair-diff'],
    ['XS303. ', 'XS999. ', 'XS999 in the header does not exist'],
    ['XS301 to XS303', 'XS301, XS303', 'XS302 is emitted here and not in the header'],
    ['ItemPass', 'Feed', 'a Feed must say `Effect: …` in its header'],
    ['XS303. ', 'XS303. Effect: reads files. ', 'a ItemPass has no `Effect: …` in its header'],
  ])('complain about the header when %s becomes %s', (before, after, complaint) => {
    expect(headerComplaints(pass(good.replace(before, after)))).toContain(`passes/do-this.ts: ${complaint}`);
  });

  test('complain about a header that promises codes nobody emits', () => {
    expect(inventedCodeComplaints([pass(good)], [pass(good)])).toEqual([
      'passes/do-this.ts: XS301 is in the header, but nothing that the pass calls emits it',
      'passes/do-this.ts: XS303 is in the header, but nothing that the pass calls emits it',
    ]);
  });

  test('complain about a pass that is imported and not used, and about one in src/', () => {
    const idle = sample('src/pipeline.ts', "import { doThis } from '../passes/do-this.js';");
    expect(pipelineComplaints(idle, [pass(good)])).toHaveLength(1);
    const used = sample('src/pipeline.ts', `${idle.text}\nexport const P = Pipeline.start().to(doThis);`);
    expect(pipelineComplaints(used, [pass(good)])).toEqual([]);
    expect(strayComplaints([sample('src/model/x.ts', good)])).toEqual([
      'src/model/x.ts:2: a ItemPass outside of passes/',
    ]);
  });
});
