/** From a miniature tree and a patch to pairs of objects, with the compiler of this machine. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { buildObjectPairs } from '../../../src/source/index.js';
import type { SourceProgress } from '../../../src/run/progress.js';
import type { SourceRequest } from '../../../src/source/index.js';
import {
  buildTree,
  fingerprint,
  makeFolder,
  makeTree,
  removeFolders,
  writeFix,
  writePatch,
} from './mini-tree.js';
import { testWith } from './programs.js';

const TOOLS = ['gcc', 'make', 'ld', 'objcopy', 'flex', 'bison', 'python3'];
const FIX = (): string => writeFix('xen/common/one.c', '+ 1', '+ 2');

afterAll(removeFolders);

async function run(sourceDir: string, patches: readonly string[], more: Partial<SourceRequest> = {}) {
  const found: Diagnostic[] = [];
  const events: SourceProgress[] = [];
  const cacheDir = more.cacheDir ?? makeFolder();
  const request = {
    sourceDir,
    patches,
    jobs: 2,
    cacheDir,
    onProgress: (e: SourceProgress) => events.push(e),
    ...more,
  };
  const result = await buildObjectPairs(request, (d) => found.push(d));
  return { result, found, codes: found.map((d) => d.code), events, cacheDir };
}

const scratchOf = (cacheDir: string): string[] =>
  existsSync(join(cacheDir, 'scratch')) ? readdirSync(join(cacheDir, 'scratch')) : [];

describe('buildObjectPairs', () => {
  testWith(TOOLS, 'gives the one object that a fix changes, and leaves the tree as it was', async () => {
    const top = buildTree(makeTree());
    const before = fingerprint(top);
    const { result, codes, events, cacheDir } = await run(top, [FIX()], { build: 'make' });
    expect(codes).toEqual([]);
    expect(result?.pairs.map((p) => p.object)).toEqual(['common/one.o']);
    expect(result).toMatchObject({
      base: 'tree',
      linkedObjects: 6,
      compiledPatched: 1,
      touched: [{ path: 'xen/common/one.c', change: 'modified' }],
    });
    expect(result?.compiler.version).toMatch(/^gcc/);
    expect(result?.compiler.comments).toHaveLength(1);
    const pair = result?.pairs[0];
    expect(readFileSync(pair?.orig ?? '')).toEqual(readFileSync(join(top, 'xen/common/one.o')));
    expect(readFileSync(pair?.patched ?? '')).not.toEqual(readFileSync(pair?.orig ?? ''));
    expect(
      events.filter((e) => e.state === 'compiled' && e.stage === 'build-patched').map((e) => e.object),
    ).toEqual(['common/one.o']);
    expect(readFileSync(join(result?.scratchDir ?? '', 'tree/xen/.config'), 'utf8')).toContain('LIVEPATCH');
    expect(existsSync(join(result?.scratchDir ?? '', 'tree/xen/link.log'))).toBe(true);
    expect(readFileSync(join(result?.scratchDir ?? '', 'tree/xen/link.log'), 'utf8')).toBe('linked\n');
    await result?.dispose();
    expect(scratchOf(cacheDir)).toEqual([]);
    expect(fingerprint(top)).toBe(before);
  });

  testWith(TOOLS, 'builds a tree that was never built once, and then finds it in the cache', async () => {
    const top = makeTree();
    const before = fingerprint(top);
    const first = await run(top, [FIX()]);
    expect(first.codes).toEqual(['XS814']);
    expect(first.result).toMatchObject({ base: 'full-build', pairs: [{ object: 'common/one.o' }] });
    const whole = first.events.filter((e) => e.stage === 'build-base' && e.state === 'compiled');
    expect(whole.at(-1)).toMatchObject({ compiled: 6, total: 8, estimated: true });
    const again = await run(join(makeTree(), 'xen'), [FIX()], { cacheDir: first.cacheDir });
    expect(again.events.filter((e) => e.state === 'compiled').map((e) => [e.stage, e.object])).toEqual([
      ['replay', 'common/one.o'],
    ]);
    expect(again.result).toMatchObject({
      base: 'cache',
      compiledOriginal: 0,
      compiledPatched: 0,
      build: { how: 'replay', cached: 1, asRecorded: 1 },
      pairs: [{ object: 'common/one.o' }],
    });
    const other = await run(makeTree({ 'docs/x': 'no build input' }), [FIX()], { cacheDir: first.cacheDir });
    expect(other.result?.base).toBe('cache');
    expect(fingerprint(top)).toBe(before);
    for (const { result } of [first, again, other]) await result?.dispose();
  });

  testWith(TOOLS, 'lets a header change reach what includes it, and keeps only what differs', async () => {
    const { result } = await run(buildTree(makeTree()), [
      writeFix('xen/include/xen/lib.h', 'extern int unused_here', 'extern int not_used_here'),
    ]);
    expect(result).toMatchObject({ pairs: [], compiledPatched: 2 });
    await result?.dispose();
  });

  testWith(TOOLS, 'has new and removed objects with one side', async () => {
    const create = writePatch('xen/common/new.c', '', 'int fresh(void)\n{\n    return 5;\n}\n');
    const wire = writePatch('xen/more.mk', '', 'common-y += common/new.o\narch-y := arch/x86/three.o\n');
    const { result, codes } = await run(buildTree(makeTree()), [create, wire]);
    expect(codes).toEqual([]);
    expect(result?.pairs.map((p) => [p.object, p.orig !== undefined, p.patched !== undefined])).toEqual([
      ['arch/x86/efi/linked.o', true, false],
      ['common/new.o', false, true],
    ]);
    await result?.dispose();
  });

  testWith(TOOLS, 'takes an object as it enters the link, and follows links to sources', async () => {
    const boot = writeFix('xen/common/boot.c', '= 1', '= 2');
    const linked = writeFix('xen/common/efi/linked.c', '4', '44');
    const { result, codes } = await run(buildTree(makeTree()), [boot, linked]);
    expect(codes).toEqual([]);
    expect(result?.pairs.map((p) => p.object)).toEqual(['arch/x86/efi/linked.o', 'common/boot.init.o']);
    await result?.dispose();
  });

  testWith(TOOLS, 'accepts a patch made inside xen/ when xen/ is named', async () => {
    const inside = writePatch('common/two.c', 'X', 'Y');
    writeFileSync(inside, readFileSync(FIX(), 'utf8').replaceAll('xen/common', 'common'));
    const { result } = await run(join(buildTree(makeTree()), 'xen'), [inside]);
    expect(result?.touched[0]?.path).toBe('xen/common/one.c');
    await result?.dispose();
  });

  testWith(TOOLS, 'uses another configuration when one is given', async () => {
    const config = join(makeFolder(), 'config');
    writeFileSync(config, 'CONFIG_EXTRA=y\n');
    const fix = writeFix('xen/common/extra.c', '9', '10');
    const top = buildTree(makeTree());
    const without = await run(top, [fix]);
    expect(without.codes).toEqual(['XS818']);
    const given = await run(top, [fix], { configFile: config });
    expect(given.codes).toEqual(['XS815']);
    expect(given.result).toMatchObject({ base: 'full-build', pairs: [{ object: 'common/extra.o' }] });
    await Promise.all([without.result?.dispose(), given.result?.dispose()]);
  });

  testWith(TOOLS, 'serves two runs in one tree at a time', async () => {
    const top = makeTree();
    const cacheDir = makeFolder();
    const other = writeFix('xen/common/two.c', '* 3', '* 4');
    const both = await Promise.all([run(top, [FIX()], { cacheDir }), run(top, [other], { cacheDir })]);
    expect(both.map((r) => r.result?.pairs.map((p) => p.object))).toEqual([
      ['common/one.o'],
      ['common/two.o'],
    ]);
    for (const { result } of both) await result?.dispose();
    expect(scratchOf(cacheDir)).toEqual([]);
    expect(readdirSync(join(cacheDir, 'bases'))).toHaveLength(1);
  });

  testWith(TOOLS, 'builds all of the hypervisor where the rule for its objects is not found', async () => {
    const rules = readFileSync(join(makeTree(), 'xen/Makefile'), 'utf8').replace(
      '$(TARGET): .config',
      'xen: .config',
    );
    const { result } = await run(buildTree(makeTree({ 'xen/Makefile': rules })), [FIX()]);
    expect(result?.pairs.map((p) => p.object)).toEqual(['common/one.o']);
    await result?.dispose();
  });
});

describe('refusals', () => {
  test('XS801: no Xen tree', async () => {
    expect((await run(makeFolder(), [FIX()])).codes).toEqual(['XS801']);
    expect((await run('/nonexistent', [FIX()])).codes).toEqual(['XS801']);
  });

  test('XS802: a cache that cannot be', async () => {
    const file = join(makeFolder(), 'file');
    writeFileSync(file, '');
    const { codes, result } = await run(makeTree(), [FIX()], { cacheDir: join(file, 'cache') });
    expect(codes).toEqual(['XS802']);
    expect(result).toBeUndefined();
  });

  testWith(TOOLS, 'XS810: no compiler', async () => {
    const { codes, found, cacheDir } = await run(makeTree(), [FIX()], {
      makeVariables: { CC: 'no-such-gcc' },
    });
    expect(codes).toContain('XS810');
    expect(found[0]?.hint).toMatch(/install/);
    expect(scratchOf(cacheDir)).toEqual([]);
  });

  testWith(TOOLS, 'XS811 and XS812 tell a broken tree from a broken patch', async () => {
    const top = buildTree(makeTree());
    const broken = await run(top, [writeFix('xen/common/one.c', 'x) + 1', 'x) + nosuch')]);
    expect(broken.codes).toEqual(['XS812']);
    expect(broken.found[0]).toMatchObject({ at: { object: 'xen/common/one.c', line: 5 } });
    expect(broken.found[0]?.frame?.[0]).toContain('nosuch');
    expect(scratchOf(broken.cacheDir)).toEqual([]);
    const log = /in (\S+)$/.exec(broken.found[0]?.notes[0] ?? '')?.[1] ?? '';
    expect(readFileSync(log, 'utf8')).toContain('nosuch');
    const before = await run(makeTree({ 'xen/common/two.c': 'int triple(int x) { return y; }\n' }), [FIX()]);
    expect(before.codes).toEqual(['XS814', 'XS811']);
  });

  testWith(TOOLS, 'XS813: a configuration that is missing or refused', async () => {
    const top = makeTree();
    expect((await run(top, [FIX()], { configFile: '/nonexistent' })).codes).toEqual(['XS813']);
    const config = join(makeFolder(), 'config');
    writeFileSync(config, 'NONSENSE\n');
    expect((await run(top, [FIX()], { configFile: config })).codes).toEqual(['XS813']);
  });

  testWith(
    TOOLS,
    'XS816: objects of another compiler are compiled anew where it matters, and told of',
    async () => {
      const top = buildTree(makeTree());
      for (const name of ['one', 'two']) {
        const object = join(top, 'xen/common', `${name}.o`);
        const text = readFileSync(object, 'latin1');
        const { mtime } = statSync(object);
        writeFileSync(object, text.replace(/GCC: \(.{3}/, 'GCC: (Old'), 'latin1');
        utimesSync(object, mtime, mtime);
      }
      const { result, codes } = await run(top, [FIX()]);
      expect(codes).toEqual(['XS816']);
      expect(result).toMatchObject({ pairs: [{ object: 'common/one.o' }], compiledPatched: 1 });
      expect(readFileSync(result?.pairs[0]?.orig ?? '', 'latin1')).not.toContain('GCC: (Old');
      await result?.dispose();
    },
  );

  testWith(TOOLS, 'XS819: an interrupted run ends its compilers and removes its copy', async () => {
    const folder = makeFolder();
    const slow = join(folder, 'slow-gcc');
    writeFileSync(
      slow,
      `#!/bin/sh\ncase "$*" in *one.c*) echo $$ > ${folder}/pid; sleep 60;; esac\nexec gcc "$@"\n`,
    );
    chmodSync(slow, 0o755);
    const top = makeTree();
    mkdirSync(join(folder, 'cache'));
    const stop = new AbortController();
    const waiting = setInterval(() => {
      if (existsSync(join(folder, 'pid'))) stop.abort();
    }, 20);
    const { codes, cacheDir } = await run(top, [FIX()], {
      makeVariables: { CC: slow },
      cacheDir: join(folder, 'cache'),
      signal: stop.signal,
    });
    clearInterval(waiting);
    expect(codes).toEqual(['XS814', 'XS819']);
    expect(scratchOf(cacheDir)).toEqual([]);
    expect(readdirSync(join(cacheDir, 'bases'))).toEqual([]);
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    // It was killed, but on a busy machine it takes a moment until nobody knows its number any more.
    for (let waited = 0; isThere(pid) && waited < 5_000; waited += 20) await setTimeout(20);
    expect(isThere(pid)).toBe(false);
  });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
