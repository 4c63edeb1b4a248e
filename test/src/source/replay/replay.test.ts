/** Single compilations in a miniature tree: the same bytes as make's, and make where they are not enough. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect } from '@jest/globals';
import type { Diagnostic } from '../../../../src/diag/diagnostic.js';
import { buildObjectPairs } from '../../../../src/source/index.js';
import type { SourceRequest } from '../../../../src/source/index.js';
import {
  buildTree,
  fingerprint,
  makeFolder,
  makeTree,
  removeFolders,
  writeFix,
  writePatch,
} from '../mini-tree.js';
import { testWith } from '../programs.js';

const TOOLS = ['gcc', 'make', 'ld', 'objcopy', 'flex', 'bison', 'python3'];
const fix = (): string => writeFix('xen/common/one.c', '+ 1', '+ 2');

afterAll(removeFolders);

async function run(sourceDir: string, patches: readonly string[], more: Partial<SourceRequest> = {}) {
  const found: Diagnostic[] = [];
  const request = { sourceDir, patches, jobs: 2, cacheDir: makeFolder(), ...more };
  const result = await buildObjectPairs(request, (d) => found.push(d));
  const pairs = result?.pairs.map((pair) => ({
    object: pair.object,
    orig: pair.orig && readFileSync(pair.orig),
    patched: pair.patched && readFileSync(pair.patched),
  }));
  await result?.dispose();
  return { result, pairs, codes: found.map((d) => d.code), found, request };
}

/** Runs in both ways, which must come to the same. */
async function verified(top: string, patches: readonly string[], more: Partial<SourceRequest> = {}) {
  const both = await run(top, patches, { verifyBuild: true, ...more });
  expect(both.found.filter((d) => d.severity === 'error')).toEqual([]);
  expect(both.result?.build.how).toBe('replay');
  return both;
}

/** The kind of reason for which make had to build. */
async function whyMake(top: string, patches: readonly string[]): Promise<string | undefined> {
  const { result } = await run(top, patches);
  expect(result?.build.how).toBe('make');
  return result?.build.because?.kind;
}

const later = (path: string): void => {
  const time = new Date(Date.now() + 60_000);
  utimesSync(path, time, time);
};

/** Replaces in the record of common/one.o. */
function forge(top: string, from: string | RegExp, to: string): string {
  const record = join(top, 'xen/common/.one.o.cmd');
  writeFileSync(record, readFileSync(record, 'utf8').replace(from, to));
  return top;
}

describe('single compilations', () => {
  testWith(TOOLS, 'give what make gives, and write nothing into the tree', async () => {
    const top = buildTree(makeTree());
    const before = fingerprint(top);
    const { result, pairs } = await verified(top, [fix()]);
    expect(result).toMatchObject({
      compiledOriginal: 0,
      compiledPatched: 1,
      linkedObjects: 6,
      build: { reached: 1, cached: 0, asRecorded: 1, verified: { equal: 1, leftOut: [] } },
    });
    expect(pairs?.map(({ object }) => object)).toEqual(['common/one.o']);
    expect(pairs?.[0]?.orig).toEqual(readFileSync(join(top, 'xen/common/one.o')));
    expect(fingerprint(top)).toBe(before);
  });

  testWith(
    TOOLS,
    'reach all units behind a header, boot code and links to sources; those that come out the same are no pairs',
    async () => {
      const lib = writeFix('xen/include/xen/lib.h', 'int triple(int)', 'long triple(int)');
      const two = writeFix('xen/common/two.c', 'int triple', 'long triple');
      const boot = writeFix('xen/common/boot.c', '= 1', '= 2');
      const linked = writeFix('xen/common/efi/linked.c', '4', '44');
      const { result, pairs } = await verified(buildTree(makeTree()), [lib, two, boot, linked]);
      expect(result?.build.reached).toBe(4);
      expect(pairs?.map(({ object }) => object)).toEqual([
        'arch/x86/efi/linked.o',
        'common/boot.init.o',
        'common/two.o',
      ]);
    },
  );

  testWith(TOOLS, 'see through paths that climb out of a folder', async () => {
    const climbing = '#include "../../common/private.h"\n\nint three(void)\n{\n    return PRIVATE;\n}\n';
    const first = '#define PRIVATE 3\n';
    const top = buildTree(makeTree({ 'xen/arch/x86/three.c': climbing, 'xen/common/private.h': first }));
    const { pairs } = await verified(top, [writePatch('xen/common/private.h', first, '#define PRIVATE 4\n')]);
    expect(pairs?.map(({ object }) => object)).toEqual(['arch/x86/three.o']);
  });

  testWith(TOOLS, 'do not fall for a new path that climbs', async () => {
    const top = buildTree(makeTree({ 'xen/common/private.h': '#define PRIVATE 3\n' }));
    const one = writeFix('xen/common/one.c', '+ 1', '+ PRIVATE');
    const header = readFileSync(one, 'utf8').replace(
      '+#include',
      '+#include "../arch/x86/../../common/private.h"\n+#include',
    );
    writeFileSync(one, header.replace(/\+1,6 @@/, '+1,7 @@'));
    // Read by nothing as yet, so make is asked about the header, and the other way is asked for by name below.
    const { result } = await run(top, [
      one,
      writePatch('xen/common/private.h', '#define PRIVATE 3\n', '#define PRIVATE 5\n'),
    ]);
    expect(result?.build.because?.kind).toBe('unrecorded');
    const alone = await run(top, [one]);
    expect(alone.result?.build).toMatchObject({ how: 'make', because: { kind: 'compiler' } });
    expect(alone.pairs?.map(({ object }) => object)).toEqual(['common/one.o']);
  });

  testWith(TOOLS, 'make an object in two steps where symbols must be unique', async () => {
    const rules = readFileSync(join(makeTree(), 'xen/Rules.mk'), 'utf8')
      .replace('-c $< -o $@\n', '-c $< -o $(@D)/.$(@F).tmp\n\t$(call fix_sym)\n')
      .replace("-c $< -o $@' ''", "-c $< -o $(@D)/.$(@F).tmp -MQ $@' ''");
    const step = [
      'OBJCOPY := objcopy',
      'dot-target = $(@D)/.$(@F)',
      'rel-path = $(1)',
      'fix_sym = @$(OBJCOPY) --redefine-sym $(<F)=$(call rel-path,$<) $(dot-target).tmp $@',
      '',
    ].join('\n');
    const top = buildTree(makeTree({ 'xen/Rules.mk': rules + step }));
    const { pairs } = await verified(top, [fix()]);
    expect(pairs?.[0]?.patched?.toString('latin1')).toContain('common/one.c');
    const unknown = buildTree(
      makeTree({ 'xen/Rules.mk': rules + step.replace('redefine-sym $(<F)', 'redefine-sym  $(<F)') }),
    );
    expect(await whyMake(unknown, [fix()])).toBe('unknown-record');
  });

  testWith(TOOLS, 'show how far they are', async () => {
    const events: (number | undefined)[][] = [];
    await run(buildTree(makeTree()), [writeFix('xen/include/xen/lib.h', 'unused', 'not_used')], {
      onProgress: (e) => void (e.state === 'compiled' && events.push([e.compiled, e.total])),
    });
    expect(events).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  testWith(TOOLS, 'report what the compiler says to the patch', async () => {
    const { codes, found } = await run(buildTree(makeTree()), [
      writeFix('xen/common/one.c', '+ 1', '+ nosuch'),
    ]);
    expect(codes).toEqual(['XS812']);
    expect(found[0]).toMatchObject({ at: { object: 'xen/common/one.c', line: 5 } });
    const log = /in (\S+)$/.exec(found[0]?.notes[0] ?? '')?.[1] ?? '';
    expect(readFileSync(log, 'utf8')).toContain('nosuch');
  });
});

describe('an original', () => {
  testWith(TOOLS, 'is compiled again when its source was replaced by an older one', async () => {
    const top = buildTree(makeTree());
    const source = join(top, 'xen/common/one.c');
    const { mtime } = statSync(source);
    writeFileSync(source, readFileSync(source, 'utf8').replace('int one(int x)', 'int one(int y, int x)'));
    utimesSync(source, mtime, mtime);
    const patch = fix();
    writeFileSync(patch, readFileSync(patch, 'utf8').replaceAll('int one(int x)', 'int one(int y, int x)'));
    const { result, pairs } = await run(top, [patch], { build: 'replay' });
    expect(result).toMatchObject({ compiledOriginal: 1, build: { asRecorded: 0 } });
    expect(pairs?.[0]?.orig).not.toEqual(readFileSync(join(top, 'xen/common/one.o')));
  });

  testWith(
    TOOLS,
    'is compiled again when a header was edited since, and when the tree was copied',
    async () => {
      const top = buildTree(makeTree());
      appendFileSync(join(top, 'xen/include/xen/lib.h'), 'extern int more;\n');
      expect((await run(top, [fix()], { build: 'replay' })).result?.compiledOriginal).toBe(1);
      const copy = join(makeFolder(), 'copy');
      execFileSync('cp', ['-a', buildTree(makeTree()), copy]);
      expect((await run(copy, [fix()], { build: 'replay' })).result?.compiledOriginal).toBe(1);
    },
  );

  testWith(TOOLS, 'is compiled again when another compiler made it, or it is gone', async () => {
    const top = buildTree(makeTree());
    const object = join(top, 'xen/common/one.o');
    writeFileSync(object, readFileSync(object, 'latin1').replace(/GCC: \(.{3}/, 'GCC: (Old'), 'latin1');
    const { result, pairs } = await run(top, [fix()], { build: 'replay' });
    expect(result?.compiledOriginal).toBe(1);
    expect(pairs?.[0]?.orig?.toString('latin1')).not.toContain('GCC: (Old');
  });
});

describe('the cache', () => {
  testWith(TOOLS, 'has what the second run of a patch, or of a similar one, needs', async () => {
    const top = buildTree(makeTree());
    const cacheDir = makeFolder();
    const two = writeFix('xen/common/two.c', '* 3', '* 4');
    const first = await run(top, [fix(), two], { cacheDir });
    expect(first.result).toMatchObject({ compiledPatched: 2, build: { cached: 0 } });
    const again = await run(top, [fix(), two], { cacheDir });
    expect(again.result).toMatchObject({ compiledPatched: 0, build: { cached: 2 } });
    expect(again.pairs).toEqual(first.pairs);
    const other = writeFix('xen/common/two.c', '* 3', '* 5');
    expect((await run(top, [fix(), other], { cacheDir })).result).toMatchObject({
      compiledPatched: 1,
      build: { cached: 1 },
    });
    const elsewhere = await run(buildTree(makeTree()), [fix()], { cacheDir });
    expect(elsewhere.result).toMatchObject({ compiledPatched: 0, build: { cached: 1 } });
  });

  testWith(TOOLS, 'has nothing for other contents, names, flags, or when it is not wanted', async () => {
    const cacheDir = makeFolder();
    const compiled = async (changes: Readonly<Record<string, string>>, more: Partial<SourceRequest> = {}) =>
      (await run(buildTree(makeTree(changes)), [fix()], { cacheDir, ...more })).result?.compiledPatched;
    expect(await compiled({})).toBe(1);
    expect(await compiled({})).toBe(0);
    expect(await compiled({}, { cache: false })).toBe(1);
    expect(await compiled({ 'xen/include/xen/lib.h': 'extern int triple(int);\n' })).toBe(1);
    // A header of the same name that is found before the other.
    expect(await compiled({ 'xen/common/xen/lib.h': '' })).toBe(1);
    const rules = readFileSync(join(makeTree(), 'xen/Rules.mk'), 'utf8').replace('-O2', '-O1');
    expect(await compiled({ 'xen/Rules.mk': rules })).toBe(1);
  });

  testWith(TOOLS, 'counts what the assembler reads by itself', async () => {
    const cacheDir = makeFolder();
    const one = 'asm ( ".include \\"common/macros.h\\"" );\nint one(int x)\n{\n    return x + 1;\n}\n';
    const patch = (): string => writePatch('xen/common/one.c', one, one.replace('+ 1', '+ 2'));
    const compiled = async (macros: string): Promise<unknown> => {
      const top = buildTree(makeTree({ 'xen/common/one.c': one, 'xen/common/macros.h': macros }));
      return (await run(top, [patch()], { cacheDir })).result?.compiledPatched;
    };
    expect(await compiled('.equ a, 1\n')).toBe(1);
    expect(await compiled('.equ a, 1\n')).toBe(0);
    expect(await compiled('.equ a, 2\n')).toBe(1);
  });

  testWith(TOOLS, 'does without objects that were damaged', async () => {
    const top = buildTree(makeTree());
    const cacheDir = makeFolder();
    const first = await run(top, [fix()], { cacheDir });
    const objects = join(cacheDir, 'objects');
    for (const name of readdirSync(objects, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.object')) writeFileSync(join(objects, name), 'damaged');
    const again = await run(top, [fix()], { cacheDir });
    expect(again.result).toMatchObject({ compiledPatched: 1, build: { cached: 0 } });
    expect(again.pairs).toEqual(first.pairs);
  });

  testWith(TOOLS, 'serves two runs at a time', async () => {
    const top = buildTree(makeTree());
    const cacheDir = makeFolder();
    const runs = await Promise.all([run(top, [fix()], { cacheDir }), run(top, [fix()], { cacheDir })]);
    expect(runs[0].pairs).toEqual(runs[1].pairs);
    expect(readdirSync(join(cacheDir, 'scratch'))).toEqual([]);
  });
});

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
      expect(insists.codes).toEqual(['XS830']);
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
        expect([what, codes]).toEqual([what, ['XS830']]);
        expect([what, existsSync(proof)]).toEqual([what, false]);
      }
      for (const program of ['touch', './gcc', join(top, 'xen/gcc.sh')]) {
        writeFileSync(join(top, 'xen/common/.one.o.cmd'), record.replace('gcc ', `${program} `));
        expect((await run(top, [fix()], { build: 'replay' })).codes).toEqual(['XS830']);
      }
    },
    120_000,
  );
});
