/** The small steps around make: its goal, its environment, its output, the objects, the caches. */
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { baseKey, findBase, storeBase } from '../../../src/source/base-cache.js';
import { readFailure } from '../../../src/source/build-log.js';
import { compilerCommand, compilerOf } from '../../../src/source/compiler.js';
import { linkedObjects, linkInputs } from '../../../src/source/linked-objects.js';
import { buildEnvironment, compiledObject } from '../../../src/source/make.js';
import { objectsMakefile } from '../../../src/source/objects-goal.js';
import { buildPrerequisites, missingPrograms } from '../../../src/source/prerequisites.js';
import { sameConfig } from '../../../src/source/prepare-tree.js';
import { makeScratch } from '../../../src/source/scratch.js';
import { makeFolder, removeFolders } from './mini-tree.js';

afterAll(removeFolders);

function place(files: Readonly<Record<string, string>>): string {
  const folder = makeFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

describe('objectsMakefile', () => {
  test('repeats the rule of $(TARGET) up to the link, in the form of any version', () => {
    const flat =
      'all:\n\n$(TARGET): outputs FORCE\n\t$(Q)$(MAKE) $(build)=tools\n\t$(Q)$(MAKE) $(build)=. A=$(A) $@\n\nnext:\n';
    expect(objectsMakefile(flat)).toContain(
      'xsplice-objects: outputs FORCE\n\t$(Q)$(MAKE) $(build)=tools\n\t$(Q)$(MAKE) $(build)=. A=$(A) prelink.o\n',
    );
    const nested =
      '$(TARGET).gz: $(TARGET)\n\tgzip\n$(TARGET): FORCE\n\t[ -e x ] && \\\n\t  true\n\t$(MAKE) -f $(BASEDIR)/Rules.mk -C arch/x86 $@\n';
    expect(objectsMakefile(nested)).toContain(
      '\t[ -e x ] && \\\n\t  true\n\t$(MAKE) -f $(BASEDIR)/Rules.mk -C arch/x86 prelink.o\n',
    );
  });

  test.each(['all:\n\ttrue\n', '$(TARGET): x\n', '$(TARGET): x\n\tld -o $@ x\n', '$(TARGET) := x\n'])(
    'gives up on %j',
    (text) => {
      expect(objectsMakefile(text)).toBeUndefined();
    },
  );
});

describe('make', () => {
  test('pins what would get into objects, and drops what would redirect the build', () => {
    const env = buildEnvironment({ PATH: '/bin', MAKEFLAGS: '-n', O: '/elsewhere', XEN_BUILD_DATE: 'today' });
    expect(env).toMatchObject({ PATH: '/bin', LC_ALL: 'C', XEN_BUILD_DATE: 'Thu Jan  1 00:00:00 UTC 1970' });
    expect(env).not.toHaveProperty('MAKEFLAGS');
    expect(env).not.toHaveProperty('O');
  });

  test.each([
    ['  CC      common/x.o', 'common/x.o'],
    ['  LD      common/built_in.o', undefined],
    ['gcc -MMD -O2 -c x.c -o x.o', 'x.o'],
    ['gcc-12 -O2 -c x.c -o .x.o.tmp -MQ x.o', undefined],
    ['ld -r -o built_in.o x.o', undefined],
  ])('%j compiles %j', (line, object) => {
    expect(compiledObject(line)).toBe(object);
  });

  test('readFailure shows each error once, with what is under it', () => {
    const error = ["./include/y.h:3:1: error: unknown type 'z'", '    3 | z y;', '      | ^'];
    const { errors, excerpt } = readFailure(
      ['  CC a.o', ...error, '  CC b.o', ...error, '/s/xen/b.c:1: Error: bad'],
      '/s/xen',
    );
    expect(errors).toEqual([
      { file: 'include/y.h', line: 3, message: "unknown type 'z'" },
      { file: 'b.c', line: 1, message: 'bad' },
    ]);
    expect(excerpt).toEqual([...error, 'b.c:1: Error: bad']);
    expect(
      readFailure(['a', 'ld: x.o: undefined reference to `y', 'make: *** [x] Error 1'], '/s').excerpt,
    ).toHaveLength(2);
    expect(readFailure(['only words', ''], '/s').excerpt).toEqual(['only words']);
  });
});

describe('linkedObjects', () => {
  test('follows records relative to xen/', async () => {
    const xen = place({
      '.prelink.o.cmd':
        'cmd_prelink.o := ld -melf -r -o prelink.o common/built_in.o --start-group lib/lib.a --end-group\n',
      'common/.built_in.o.cmd':
        'cmd_common/built_in.o := ld -r -o common/built_in.o common/a.o common/b.init.o common/sub/built_in.o\n',
      'common/sub/.built_in.o.cmd':
        'cmd_common/sub/built_in.o := gcc -c -x c /dev/null -o common/sub/built_in.o\n',
      'lib/.lib.a.cmd': 'cmd_lib/lib.a := rm -f lib/lib.a; ar cr lib/lib.a lib/c.o\n',
    });
    expect(await linkedObjects(xen)).toEqual(['common/a.o', 'common/b.init.o', 'lib/c.o']);
    // What a linker takes only if it is needed.
    expect([...(await linkInputs(xen))].filter(([, member]) => member)).toEqual([['lib/c.o', true]]);
  });

  test('follows records relative to their folder, as before 4.17', async () => {
    const xen = makeFolder();
    const files = {
      'arch/x86/.prelink.o.cmd': `cmd_prelink.o := ld -r -o prelink.o ${xen}/common/built_in.o\n`,
      'common/.built_in.o.cmd': 'cmd_built_in.o := ld -r -o built_in.o a.o sched/built_in.o\n',
      'common/sched/.built_in.o.cmd': 'cmd_built_in.o := ld -r -o built_in.o core.o\n',
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(xen, path)), { recursive: true });
      writeFileSync(join(xen, path), text);
    }
    expect(await linkedObjects(xen)).toEqual(['common/a.o', 'common/sched/core.o']);
  });

  test('goes by names where a record is missing', async () => {
    const elf64 = '\x7fELF\x02';
    const names = [
      'common/a.o',
      'common/b.o',
      'common/b.init.o',
      'common/built_in.o',
      'tools/t.o',
      'prelink.o',
      'arch/x86/efi/check.o',
      'common/libelf/libelf.o',
      'common/libelf/libelf-temp.o',
      'common/libelf/libelf-tools.o',
      '.xen-syms.0.o',
    ];
    const xen = place({
      ...Object.fromEntries(names.map((n) => [n, elf64])),
      'arch/x86/boot/reloc.o': '\x7fELF\x01',
      '.prelink.o.cmd': 'cmd_prelink.o := ld -o prelink.o common/built_in.o\n',
    });
    expect(await linkedObjects(xen)).toEqual(['common/a.o', 'common/b.init.o', 'common/libelf/libelf.o']);
  });
});

describe('compiler', () => {
  test('is named by .comment, the last of its kind in the object', () => {
    expect(compilerOf(Buffer.from('x\0GCC: (fake) string\0code\0GCC: (Debian 12.2.0-14) 12.2.0\0y'))).toBe(
      'GCC: (Debian 12.2.0-14) 12.2.0',
    );
    expect(compilerOf(Buffer.from('x\0Debian clang version 14.0.6\0'))).toBe('Debian clang version 14.0.6');
    expect(compilerOf(Buffer.from('assembly'))).toBeUndefined();
    expect(compilerOf(Buffer.from('GCC: (never ends'))).toBeUndefined();
  });

  test('is what the makefiles call', () => {
    expect(compilerCommand({ CC: 'ccache gcc-12' })).toBe('ccache gcc-12');
    expect(compilerCommand({ clang: 'y' })).toBe('clang');
    expect(compilerCommand({ CROSS_COMPILE: 'x86_64-linux-gnu-' })).toBe('x86_64-linux-gnu-gcc');
  });

  test('is looked for on PATH by its first word', async () => {
    const wanted = buildPrerequisites('no-such-gcc -m64', false);
    expect((await missingPrograms(wanted)).map((p) => p.program)).toContain('no-such-gcc');
    expect(
      (await missingPrograms(buildPrerequisites(process.execPath, true))).map((p) => p.program),
    ).not.toContain(process.execPath);
  });
});

describe('sameConfig', () => {
  const same = (a: string, b: string): boolean => sameConfig(Buffer.from(a), Buffer.from(b));
  test('looks at settings only', () => {
    expect(
      same('# made today\nCONFIG_A=y\n# CONFIG_B is not set\n', '# CONFIG_B is not set\r\nCONFIG_A=y\n'),
    ).toBe(true);
    expect(same('CONFIG_A=y\n', 'CONFIG_A=y\n# CONFIG_B is not set\n')).toBe(false);
    expect(sameConfig(Buffer.from(''), undefined)).toBe(false);
  });
});

describe('scratch and cache', () => {
  test('folders of the dead are removed, those of the living and of other hosts are kept', async () => {
    const root = place({
      'run-dead/owner.json': JSON.stringify({ host: hostname(), pid: 2 ** 22 + 1 }),
      'run-live/owner.json': JSON.stringify({ host: hostname(), pid: process.pid }),
      'run-away/owner.json': JSON.stringify({ host: 'elsewhere', pid: 1 }),
      'run-new/x': '',
      'run-old/x': '',
      'other/x': '',
    });
    utimesSync(join(root, 'run-old'), 1, 1);
    const made = await makeScratch(root);
    expect(
      readdirSync(root)
        .filter((name) => join(root, name) !== made)
        .sort(),
    ).toEqual(['other', 'run-away', 'run-live', 'run-new']);
  });

  test('a place that xen/Makefile would refuse is not used', async () => {
    const made = await makeScratch(join(makeFolder(), 'with blank'));
    expect(made).not.toMatch(/[\s:]/);
    rmSync(made, { recursive: true });
  });

  test('three bases are kept, the latest used, and a taken name is no error', async () => {
    const cache = makeFolder();
    for (const name of ['a', 'b', 'c', 'd', 'd']) {
      const folder = await makeScratch(join(cache, 'bases'));
      mkdirSync(join(folder, 'tree'));
      for (const old of readdirSync(join(cache, 'bases')))
        if (!old.startsWith('run-'))
          utimesSync(join(cache, 'bases', old), 1000 + name.charCodeAt(0), 1000 + old.charCodeAt(0));
      expect((await storeBase(cache, baseKey([name]), folder)).top).toContain(baseKey([name]));
    }
    expect(readdirSync(join(cache, 'bases'))).toHaveLength(3);
    expect(await findBase(cache, baseKey(['d']))).toMatchObject({ top: expect.stringContaining('tree') });
    expect(await findBase(cache, baseKey(['none']))).toBeUndefined();
    expect(existsSync(join(cache, 'bases', baseKey(['d']), 'owner.json'))).toBe(false);
    expect(baseKey(['ab', 'c'])).not.toBe(baseKey(['a', 'bc']));
  });
});
