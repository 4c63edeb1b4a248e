/** What people and programs read when a comparison or a build is done. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import type { LinkResult } from '../../../src/index.js';
import { buildDocument, countVerdicts, diffDocument } from '../../../src/report/json.js';
import { hex } from '../../../src/report/payload.js';
import { renderBuild, renderDiff } from '../../../src/report/text.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { compareObjects, imageOf, linkObjects } from '../../support/in-memory.js';

const PLAIN = { color: false, verbose: false };

function object(value: number): ElfBuilder {
  return new ElfBuilder()
    .text('.text.f', [0xb8, value, 0, 0, 0, 0xc3])
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6 });
}

async function linked(): Promise<LinkResult> {
  const diff = compareObjects(object(1), object(2));
  const image = imageOf(
    new ElfBuilder()
      .text('.text', new Uint8Array(8))
      .symbol('f', { section: '.text', type: c.STT_FUNC, size: 6 }),
  );
  const { payload, diagnostics } = await linkObjects([diff], image);
  return { diffs: [diff], diagnostics, timings: new Map(), ...(payload && { payload }) };
}

const diffs = [
  compareObjects(object(1), object(1)),
  compareObjects(object(1), object(2)),
  compareObjects(undefined, object(1)),
  compareObjects(object(1), undefined),
  compareObjects(object(1), Buffer.from('junk')),
].map((diff, k) => ({ ...diff, object: `${k}.o` }));
const result: LinkResult = { diffs, diagnostics: [], timings: new Map() };

describe('a comparison', () => {
  test('tells what differs, and counts all', () => {
    expect(renderDiff(result, PLAIN)).toBe(
      [
        '1.o: changed',
        '  changed  f: immediate: `mov $0x1,%eax` became `mov $0x2,%eax` at +0x0',
        '      - 0: b8 01 00 00 00  mov $0x1,%eax',
        '      + 0: b8 02 00 00 00  mov $0x2,%eax',
        '        5: c3              ret',
        '2.o: new',
        '  new      f',
        '3.o: removed',
        '  removed  f',
        '4.o: refused',
        '  error[XS101]: the file does not begin with 7f 45 4c 46 (\\x7fELF)',
        '    --> common/x.o',
        '    hint: build the file again, or check that the path names the file you mean',
        '5 objects: 1 unchanged, 1 changed, 1 new, 1 removed, 1 refused',
        'layouts not checked: 1 object has no debug information on both sides for all that changed',
        '',
      ].join('\n'),
    );
    expect(renderDiff(result, { ...PLAIN, verbose: true })).toContain('0.o: unchanged\n');
    expect(renderDiff({ ...result, diffs: [] }, PLAIN)).toBe('0 objects: none\n');
  });

  test('shows the code of few changes, and of many only when more is asked for', () => {
    const many = (count: number): LinkResult => ({
      ...result,
      diffs: Array.from({ length: count }, (_, k) => ({ ...diffs[1], object: `${String(k)}.o` })),
    });
    const code = '- 0: b8 01 00 00 00  mov $0x1,%eax';
    expect(renderDiff(many(20), PLAIN)).toContain(code);
    expect(renderDiff(many(21), PLAIN)).not.toContain(code);
    expect(renderDiff(many(21), PLAIN)).toContain('21 functions changed: -v shows where');
    expect(renderDiff(many(21), { ...PLAIN, verbose: true })).toContain(code);
  });

  test('prints no byte that drives a terminal', () => {
    const [changed] = diffs[1].changed;
    const hostile = { ...changed, name: 'f\u001b[2J', reason: 'a\u009b1m' };
    const text = renderDiff({ ...result, diffs: [{ ...diffs[1], changed: [hostile] }] }, PLAIN);
    expect(text).toContain('f\\x1b[2J: immediate: a\\x9b1m');
  });

  test('has colour only when it is wanted', () => {
    expect(renderDiff(result, PLAIN)).not.toContain('\u001b');
    expect(renderDiff(result, { ...PLAIN, color: true })).toContain('\u001b[');
  });

  test('is a document with a schema', () => {
    const line = (bytes: string, text: string, differs: boolean): object => {
      const at = text === 'ret' ? 5 : 0;
      return { of: '', shows: 'instruction', at, bytes, text, refs: [], differs };
    };
    const document = diffDocument(result);
    expect(document.schema).toBe('xsplice-build/diff/2');
    expect(document.summary).toEqual({ unchanged: 1, changed: 1, new: 1, removed: 1, refused: 1 });
    expect(document.objects.map((o) => o.verdict)).toEqual([
      'unchanged',
      'changed',
      'new',
      'removed',
      'refused',
    ]);
    expect(document.objects[1]).toEqual({
      object: '1.o',
      verdict: 'changed',
      changed: [
        {
          name: 'f',
          source_file: '',
          kind: 'immediate',
          reason: '`mov $0x1,%eax` became `mov $0x2,%eax` at +0x0',
          orig: [line('b8 01 00 00 00', 'mov $0x1,%eax', true), line('c3', 'ret', false)],
          patched: [line('b8 02 00 00 00', 'mov $0x2,%eax', true), line('c3', 'ret', false)],
          modulo: [],
        },
      ],
      new: [],
      carried: [],
      removed: [],
      equal: [],
      layouts: 'not checked',
      diagnostics: [],
    });
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
    expect(countVerdicts([])).toEqual({ unchanged: 0, changed: 0, new: 0, removed: 0, refused: 0 });
  });
});

describe('a function shown whole', () => {
  const explained = compareObjects(object(1), object(2), 'xen', ['f']);

  test('stands behind the count', () => {
    const text = renderDiff({ ...result, diffs: [explained] }, PLAIN);
    expect(text.slice(text.indexOf('1 object'))).toBe(
      [
        '1 object: 1 changed',
        'layouts not checked: 1 object has no debug information on both sides for all that changed',
        '',
        'common/x.o: f: changed, immediate: `mov $0x1,%eax` became `mov $0x2,%eax` at +0x0',
        '- 0  : b8 01 00 00 00  mov $0x1,%eax',
        '+   0: b8 02 00 00 00  mov $0x2,%eax',
        '  5 5: c3              ret',
        '',
      ].join('\n'),
    );
  });

  test('is in the documents', () => {
    const { explained: found } = diffDocument({ ...result, diffs: [explained] });
    expect(found).toHaveLength(1);
    expect(found[0].lines[0]).toMatchObject({ side: 'orig', orig_at: 0, patched_at: null });
    expect(found[0]).toMatchObject({ object: 'common/x.o', name: 'f', source_file: '', verdict: 'changed' });
  });
});

describe('a build', () => {
  test('tells what is replaced, and by what it is known', async () => {
    const built = await linked();
    const text = renderBuild(built, 'out.xsplice', PLAIN);
    expect(text).toContain(`out.xsplice: ${built.payload?.bytes.length} bytes\n`);
    expect(text).toContain(
      'replaces\n  f (6 -> 6 bytes): immediate: `mov $0x1,%eax` became `mov $0x2,%eax` at +0x0\n',
    );
    expect(text).toContain('on top of deadbeef, hypervisor deadbeef\n');
    expect(renderBuild({ ...built, payload: undefined } as unknown as LinkResult, 'x', PLAIN)).toBe('');
  });

  test('is a document with a schema', async () => {
    const built = await linked();
    const document = buildDocument(built, 'out.xsplice');
    expect(document).toMatchObject({
      schema: 'xsplice-build/build/2',
      payload: {
        path: 'out.xsplice',
        size: built.payload?.bytes.length,
        build_id: hex(built.payload?.buildId ?? new Uint8Array(0)),
        depends: 'deadbeef',
        xen_depends: 'deadbeef',
        functions: [{ name: 'f', old_size: 6, new_size: 6 }],
      },
      diagnostics: [],
    });
    expect(buildDocument({ ...result }, 'x').payload).toBeNull();
  });
});
