/** Single compilations in a miniature tree: the same bytes as make's, stale originals, the cache. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect } from '@jest/globals';
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
import { TOOLS, fix, forge, run, verified, whyMake } from './runs.js';

afterAll(removeFolders);

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
      onProgress: (e) => {
        if (e.state === 'compiled') events.push([e.compiled, e.total]);
      },
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

describe('an interrupted run', () => {
  testWith(TOOLS, 'ends its compilers and leaves nothing', async () => {
    const folder = makeFolder();
    const slow = join(folder, 'slow-gcc');
    const pid = join(folder, 'pid');
    writeFileSync(
      slow,
      `#!/bin/sh\ncase "$*" in *one.c*) echo $$ > ${pid}; sleep 60;; esac\nexec gcc "$@"\n`,
    );
    chmodSync(slow, 0o755);
    const top = forge(buildTree(makeTree()), 'gcc ', `${slow} `);
    const cacheDir = join(folder, 'cache');
    mkdirSync(cacheDir);
    const stop = new AbortController();
    const waiting = setInterval(() => {
      if (existsSync(pid)) stop.abort();
    }, 20);
    const { codes } = await run(top, [fix()], { build: 'replay', cacheDir, signal: stop.signal });
    clearInterval(waiting);
    expect(codes).toEqual(['XS819']);
    expect(readdirSync(join(cacheDir, 'scratch'))).toEqual([]);
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
    rmSync(object);
    expect((await run(top, [fix()], { build: 'replay' })).result?.compiledOriginal).toBe(1);
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
