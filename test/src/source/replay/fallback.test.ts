/** Where single compilations are not enough, or a record is not to be trusted, make builds, and the reason is told. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect } from '@jest/globals';
import { buildTree, makeFolder, makeTree, removeFolders, writeFix, writePatch } from '../mini-tree.js';
import { testWith } from '../programs.js';
import { TOOLS, fix, forge, later, run, whyMake } from './runs.js';

afterAll(removeFolders);

describe('make has to build', () => {
  testWith(
    TOOLS,
    'after a patch of what decides about other files',
    async () => {
      const top = buildTree(
        makeTree({
          'xen/include/public/api.h': 'int api;\n',
          'xen/Kconfig': 'config A\n',
          'xen/arch/x86/xen.lds.S': 'x\n',
          'xen/tools/gen.c': 'x\n',
          'xen/include/list.lst': 'x\n',
        }),
      );
      const touch = (path: string, from: string): string => writePatch(path, from, `${from}\n`);
      expect(await whyMake(top, [touch('xen/include/public/api.h', 'int api;\n')])).toBe('public-header');
      expect(await whyMake(top, [touch('xen/Kconfig', 'config A\n')])).toBe('kconfig');
      expect(await whyMake(top, [touch('xen/arch/x86/xen.lds.S', 'x\n')])).toBe('linker-script');
      expect(await whyMake(top, [touch('xen/tools/gen.c', 'x\n')])).toBe('generator');
      expect(await whyMake(top, [touch('xen/include/list.lst', 'x\n')])).toBe('generator');
      expect(await whyMake(top, [touch('Config.mk', 'CC = gcc\nLD = ld\n')])).toBe('makefile');
      expect(
        await whyMake(top, [touch('xen/common/extra.c', 'int extra(void)\n{\n    return 9;\n}\n')]),
      ).toBe('unrecorded');
      expect(await whyMake(top, [writePatch('xen/common/new.h', '', 'int x;\n')])).toBe('created-removed');
      const insists = await run(top, [touch('Config.mk', 'CC = gcc\nLD = ld\n')], { build: 'replay' });
      expect(insists.codes).toEqual(['XS850']);
      expect(insists.result).toBeUndefined();
    },
    240_000,
  );

  testWith(TOOLS, 'after a patch of what something is generated from', async () => {
    const top = buildTree(makeTree());
    const record = (name: string, command: string): void =>
      writeFileSync(
        join(top, 'xen/include', `.${name}.cmd`),
        `cmd_include/${name} := ${command}\n\ndeps_include/${name} := \\\n  include/xen/lib.h \\\n\n`,
      );
    const header = (): string => writeFix('xen/include/xen/lib.h', 'unused', 'not_used');
    record('made.h', 'sed s/a/b/ include/xen/lib.h > include/made.h');
    expect(await whyMake(top, [header()])).toBe('generated');
    // By the compiler, and then it is tried out whether it changes.
    record('made.h', 'true include/other.h');
    const preprocess = 'gcc -E -P -Iinclude -o include/made.i include/made.c';
    writeFileSync(join(top, 'xen/include/made.c'), '#include <xen/lib.h>\n');
    execFileSync('sh', ['-c', preprocess], { cwd: join(top, 'xen') });
    record('made.i', preprocess);
    writeFileSync(join(top, 'xen/include/.made.h.cmd'), 'cmd_include/made.h := true\n');
    expect(await whyMake(top, [header()])).toBe('generated');
    const silent = writeFix('xen/include/xen/lib.h', '\n', ' /* said */\n');
    expect((await run(top, [silent])).result?.build).toMatchObject({ how: 'replay', reached: 2 });
    // Edited since, so that what is generated may be out of date for any unit, whatever the patch touches.
    later(join(top, 'xen/include/xen/lib.h'));
    expect(await whyMake(top, [writeFix('xen/arch/x86/three.c', '3', '4')])).toBe('generated');
  });

  testWith(
    TOOLS,
    'in a tree that was edited, is not complete, or is too old',
    async () => {
      const edited = buildTree(makeTree());
      later(join(edited, 'xen/Rules.mk'));
      expect(await whyMake(edited, [fix()])).toBe('makefile');
      const configured = buildTree(makeTree());
      later(join(configured, 'xen/.config'));
      expect(await whyMake(configured, [fix()])).toBe('kconfig');
      const shared = buildTree(makeTree());
      later(join(shared, 'Config.mk'));
      expect(await whyMake(shared, [fix()])).toBe('makefile');
      const half = buildTree(makeTree());
      execFileSync('rm', [join(half, 'xen/prelink.o')]);
      expect(await whyMake(half, [fix()])).toBe('never-complete');
      const makefile = readFileSync(join(makeTree(), 'xen/Makefile'), 'utf8').replace(
        'SUBVERSION = 17',
        'SUBVERSION = 16',
      );
      expect(await whyMake(buildTree(makeTree({ 'xen/Makefile': makefile })), [fix()])).toBe('old-tree');
    },
    240_000,
  );

  testWith(
    TOOLS,
    'where records are missing, damaged, or lead nowhere',
    async () => {
      expect(await whyMake(forge(buildTree(makeTree()), /^cmd_/, 'dmc_'), [fix()])).toBe('unknown-record');
      expect(await whyMake(forge(buildTree(makeTree()), 'deps_', 'speds_'), [fix()])).toBe('unknown-record');
      expect(await whyMake(forge(buildTree(makeTree()), /common\/one\.c/g, 'common/won.c'), [fix()])).toBe(
        'unrecorded',
      );
      expect(await whyMake(forge(buildTree(makeTree()), 'gcc ', 'no-such-gcc '), [fix()])).toBe('compiler');
      expect(await whyMake(forge(buildTree(makeTree()), '-Iinclude', '-Inowhere'), [fix()])).toBe('compiler');
      const astray = buildTree(makeTree());
      writeFileSync(
        join(astray, 'xen/common/.lost.o.cmd'),
        readFileSync(join(astray, 'xen/common/.one.o.cmd'), 'utf8').replaceAll('one.o', 'lost.o'),
      );
      expect(await whyMake(astray, [fix()])).toBe('other-way');
    },
    240_000,
  );
});

describe('hostile records', () => {
  const attempts = (proof: string): readonly (readonly [string, string])[] => [
    ['another command', `; touch ${proof}`],
    ['a make function', `$(shell touch ${proof})`],
    ['a substitution', `$$(touch ${proof})`],
    ['a pipe', `| touch ${proof}`],
    ['arguments from a file', `@${proof}.args`],
    ['a wrapper', `-wrapper touch,${proof}`],
    ['an absolute output', `-o ${proof}`],
    ['a dump', `-MF ${proof}`],
    ['an assembler listing', `-Wa,-a=${proof}`],
    ['other programs', `-B${dirname(proof)}/`],
  ];

  testWith(
    TOOLS,
    'are not run',
    async () => {
      const folder = makeFolder();
      const proof = join(folder, 'proof');
      for (const name of ['as', 'cc1']) {
        writeFileSync(join(folder, name), `#!/bin/sh\ntouch ${proof}\n`);
        chmodSync(join(folder, name), 0o755);
      }
      writeFileSync(`${proof}.args`, `-o ${proof}\n`);
      const top = buildTree(makeTree());
      const record = readFileSync(join(top, 'xen/common/.one.o.cmd'), 'utf8');
      for (const [what, words] of attempts(proof)) {
        writeFileSync(
          join(top, 'xen/common/.one.o.cmd'),
          record.replace(/^(cmd_.*)$/m, (line) => `${line} ${words}`),
        );
        const { codes } = await run(top, [fix()], { build: 'replay' });
        expect([what, codes]).toEqual([what, ['XS850']]);
        expect([what, existsSync(proof)]).toEqual([what, false]);
      }
      for (const program of ['touch', './gcc', join(top, 'xen/gcc.sh')]) {
        writeFileSync(join(top, 'xen/common/.one.o.cmd'), record.replace('gcc ', `${program} `));
        expect((await run(top, [fix()], { build: 'replay' })).codes).toEqual(['XS850']);
      }
    },
    120_000,
  );
});
