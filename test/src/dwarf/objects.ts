/**
 * The committed objects of this folder (objects/make.sh makes them), and the ways in which tests look at them.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LayoutComparison } from '../../../src/dwarf/compare-layouts.js';
import { compareLayouts } from '../../../src/dwarf/compare-layouts.js';
import { describeLayoutChange } from '../../../src/dwarf/layout-change.js';
import type { Dwarf } from '../../../src/dwarf/read.js';
import { readDwarf } from '../../../src/dwarf/read.js';
import { mustRead } from '../../support/elf-builder.js';

export type Side = 'orig' | 'patched';

/** How layouts.c was compiled. */
export const PRODUCERS = ['gcc-4', 'gcc-5', 'clang-4', 'clang-5'] as const;

/** The compiled test is in dist/test/src/dwarf; objects stay beside their sources. */
export function objectPath(name: string): string {
  return fileURLToPath(new URL(`../../../../test/src/dwarf/objects/${name}.o`, import.meta.url));
}

export function objectBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(objectPath(name)));
}

/** As the pipeline reads objects: without relocations of debug sections. */
export function tryDwarf(bytes: Uint8Array): Dwarf | undefined {
  return readDwarf(mustRead(bytes, { relocations: 'alloc' }));
}

export function mustDwarf(name: string): Dwarf {
  const dwarf = tryDwarf(objectBytes(name));
  if (dwarf === undefined) throw new Error(`the debug information of ${name} is not understood`);
  return dwarf;
}

/** Compares the two sides of an object; `name` has `SIDE` where they differ. */
export function compareSides(name: string, functions: readonly string[]): LayoutComparison {
  const [orig, patched] = (['orig', 'patched'] as const).map((side) => mustDwarf(name.replace('SIDE', side)));
  return compareLayouts(orig, patched, functions);
}

/** All changes as text, for comparison with what is expected. */
export function told({ changes }: Pick<LayoutComparison, 'changes'>): string[] {
  return changes.flatMap((change) => describeLayoutChange(change));
}
