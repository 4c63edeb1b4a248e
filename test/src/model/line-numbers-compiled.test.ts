/** Lines and other numbers in what compilers make of fixtures/lines.c. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { asBuffer } from '../../../src/elf/read.js';
import { bundleObject } from '../../../src/model/bundle.js';
import type { ObjectModel } from '../../../src/model/object-model.js';
import { atomBytes } from '../../../src/model/object-model.js';
import { resolveReferences } from '../../../src/model/references.js';
import { XEN_TARGET } from '../../../src/xen/versions.js';
import { mustRead } from '../../support/elf-builder.js';
import { atomNamed } from '../../support/in-memory.js';
import { allLines } from '../../support/line-objects.js';

describe('what compilers make of it', () => {
  const read = (name: string): ObjectModel =>
    resolveReferences(
      bundleObject(
        mustRead(readFileSync(new URL(`../../../../test/src/model/fixtures/${name}.o`, import.meta.url))),
        XEN_TARGET,
      ),
    );

  /** Of each function of lines.c in which anything differs, whether that is only lines. */
  function verdicts(compiler: string): Map<string, boolean> {
    const [orig, patched] = [read(`lines-${compiler}-orig`), read(`lines-${compiler}-patched`)];
    const found = new Map<string, boolean>();
    for (const a of orig.atoms.filter((atom) => /^(line|real)_/.test(atom.name))) {
      const b = atomNamed(patched, a.name);
      const [x, y] = [atomBytes(orig, a), atomBytes(patched, b)];
      if (!asBuffer(x).equals(y)) found.set(a.name, a.size === b.size && allLines(orig, a, patched, b));
    }
    return found;
  }

  test.each(['gcc', 'absolute', 'clang'])('is understood: %s', (compiler) => {
    const found = verdicts(compiler);
    const named = (start: string): string[] => [...found.keys()].filter((name) => name.startsWith(start));
    expect(named('line_').length).toBeGreaterThanOrEqual(6);
    expect(named('real_')).toHaveLength(7);
    for (const name of named('line_')) expect([name, found.get(name)]).toEqual([name, true]);
    for (const name of named('real_')) expect([name, found.get(name)]).toEqual([name, false]);
  });
});
