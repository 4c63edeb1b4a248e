/**
 * The walls of the house: which files may import which packages, and which folders may know of which.
 *
 * A package behind a wall can be replaced, repaired or upgraded in one place. A folder behind a wall can be read,
 * tested and reasoned about without the rest: src/elf knows the gABI and nothing of Xen, src/emulator knows the
 * processor and nothing of Xen.
 */
import { describe, expect, test } from '@jest/globals';
import { demand, placeOf, sample, sourcesUnder } from './house.js';
import type { Source } from './house.js';
import { importsOf, packageOf } from './imports.js';

interface PackageWall {
  readonly package: string;
  /** Files and folders (with a trailing slash) that may import it. */
  readonly only: readonly string[];
  readonly why: string;
}

const PACKAGE_WALLS: readonly PackageWall[] = [
  {
    package: 'elfy',
    only: ['src/elf/read.ts', 'test/src/elf/'],
    why: 'its faults are repaired there and nowhere else',
  },
  {
    package: 'iced-x86',
    only: ['src/x86/', 'src/emulator/', 'test/src/x86/', 'test/src/emulator/'],
    why: 'its objects must be freed; ours need not',
  },
  { package: 'tinypool', only: ['src/engine/pool.ts'], why: 'passes know nothing of threads' },
  {
    package: '@ts-morph/bootstrap',
    only: ['src/engine/user-pass.ts', 'test/house/'],
    why: 'it takes 0.3 s to load, which nobody shall pay who has no pass of their own',
  },
  {
    package: 'valibot',
    only: ['src/validate/scenario/scenario-file.ts', 'src/user/answers.ts'],
    why: 'what comes out of there is typed and whole, so nobody else has to check it',
  },
  {
    package: 'commander',
    only: ['src/cli.ts', 'src/cli/', 'test/src/cli/'],
    why: 'the library knows nothing of command lines',
  },
  {
    package: 'listr2',
    only: ['src/cli/progress/task-list.ts'],
    why: 'it takes 0.1 s to load, which only runs pay that are long and on a terminal',
  },
  {
    package: 'picocolors',
    only: ['src/cli.ts', 'src/cli/', 'src/report/', 'src/diag/render.ts'],
    why: 'colour belongs to rendering',
  },
];

/** Packages that nothing of the product may import: they are not installed where it runs. */
const FOR_TESTS_ONLY = ['@jest/globals', 'fast-check', 'jest', 'typescript', 'typescript-eslint', 'eslint'];

interface FolderWall {
  readonly folder: string;
  readonly neverImports: readonly string[];
  readonly why: string;
}

const ABOUT_XEN = ['src/xen/', 'src/model/', 'src/source/', 'src/qemu/', 'src/hypervisor/', 'passes/'];
const FOLDER_WALLS: readonly FolderWall[] = [
  { folder: 'src/elf/', neverImports: ABOUT_XEN, why: 'it is about the gABI and the psABI' },
  { folder: 'src/dwarf/', neverImports: ABOUT_XEN, why: 'it is about the DWARF standard and types of C' },
  { folder: 'src/x86/', neverImports: ABOUT_XEN, why: 'it is about the instruction set' },
  { folder: 'src/emulator/', neverImports: ABOUT_XEN, why: 'it is a processor, whatever runs on it' },
  {
    folder: 'passes/',
    neverImports: ['src/cli', 'src/source/', 'src/qemu/', 'src/report/', 'src/pipeline.ts', 'src/index.ts'],
    why: 'a pass knows its input, not who runs it',
  },
];

const within = (path: string, places: readonly string[]): boolean =>
  places.some((place) => (place.endsWith('.ts') ? path === place : path.startsWith(place)));

function packageComplaints(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    importsOf(source).flatMap(({ target, node }) => {
      const wall = PACKAGE_WALLS.find((w) => w.package === packageOf(target));
      if (wall !== undefined && !within(source.path, wall.only))
        return [
          `${placeOf(source, node)}: ${wall.package} may be imported by ${wall.only.join(', ')} only: ${wall.why}`,
        ];
      if (!source.path.startsWith('test/') && FOR_TESTS_ONLY.includes(packageOf(target)))
        return [`${placeOf(source, node)}: ${packageOf(target)} is there for tests only`];
      return [];
    }),
  );
}

function folderComplaints(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    importsOf(source).flatMap(({ target, node }) => {
      const wall = FOLDER_WALLS.find((w) => source.path.startsWith(w.folder));
      if (target.startsWith('test/') && !source.path.startsWith('test/'))
        return [`${placeOf(source, node)}: the product must not import ${target}`];
      if (wall === undefined || !within(target, wall.neverImports)) return [];
      return [`${placeOf(source, node)}: ${wall.folder} must not import ${target}: ${wall.why}`];
    }),
  );
}

const PROJECT = sourcesUnder('src', 'passes', 'test');

describe('walls', () => {
  test('packages stay behind the file that knows them', () => {
    demand(
      packageComplaints(PROJECT),
      'call what the file behind the wall exports; add an export there if it lacks what you need',
    );
  });

  test('folders do not look over the wall', () => {
    demand(
      folderComplaints(PROJECT),
      'hand in what is needed as a parameter, or move the code to the side that it is about',
    );
  });

  test('the rules see every way to import', () => {
    const ways = [
      "import { Parser } from 'elfy';",
      "export * from 'elfy';",
      "const elfy = await import('elfy');",
      "const elfy = createRequire(import.meta.url)('elfy');",
      "type E = typeof import('elfy');",
    ];
    for (const text of ways) expect(packageComplaints([sample('src/xen/image.ts', text)])).toHaveLength(1);
    expect(packageComplaints([sample('src/elf/read.ts', ways[0])])).toEqual([]);
    expect(packageComplaints([sample('src/cli.ts', "import fc from 'fast-check';")])).toHaveLength(1);
  });

  test('the rules see paths, however they are spelt', () => {
    const over = sample('src/elf/dump.ts', "import type { Atom } from '../../src/model/object-model.js';");
    expect(folderComplaints([over])).toEqual([
      'src/elf/dump.ts:1: src/elf/ must not import src/model/object-model.ts: it is about the gABI and the psABI',
    ]);
    expect(folderComplaints([sample('src/elf/dump.ts', "import * as c from './constants.js';")])).toEqual([]);
    expect(
      folderComplaints([sample('src/cli.ts', "import { x } from '../test/support/x.js';")]),
    ).toHaveLength(1);
  });
});
