/**
 * For each diagnostic code of the source stage: a miniature tree and a patch that provoke it. What differs from
 * machine to machine (folders, the compiler's name) is hidden; where a compiler must fail, a script stands in.
 */
import { chmodSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { baseObjects, buildObjectPairs } from '../../src/source/index.js';
import type { SourceRequest } from '../../src/source/index.js';
import { buildTree, makeFolder, makeTree, writeFix, writePatch } from '../src/source/mini-tree.js';
import type { DiagnosticSample, Provoked } from './diagnostic-samples.js';

const TOOLS = ['gcc', 'make', 'ld', 'objcopy', 'flex', 'bison', 'python3'];
const fix = (): string => writeFix('xen/common/one.c', '+ 1', '+ 2');

async function provokeIn(
  sourceDir: string,
  patch: string,
  more: Partial<SourceRequest> = {},
): Promise<Provoked> {
  const found: Diagnostic[] = [];
  const cacheDir = more.cacheDir ?? makeFolder();
  const request = { sourceDir, patches: [patch], jobs: 2, cacheDir, ...more };
  const result = await buildObjectPairs(request, (d) => found.push(d));
  await result?.dispose();
  const hide: [string | RegExp, string][] = [
    [sourceDir, 'xen-tree'],
    [patch, 'fix.patch'],
    [cacheDir, 'CACHE'],
    [/\/\S*\/xsplice-source-\w+/g, 'FOLDER'],
    [/CACHE\/logs\/\S+/g, 'CACHE/logs/LOG'],
    [/GCC: \((?!Old)[^\n]*/g, 'GCC: (the present one)'],
    [/GCC: \(Old[^\n]*/g, 'GCC: (an older one)'],
    [/(apt-get|dnf|zypper) install/g, 'apt-get install'],
  ];
  return { found, hide };
}

function written(text: string): string {
  const path = join(makeFolder(), 'fix.patch');
  writeFileSync(path, text);
  return path;
}

/** A compiler that fails on sources whose name matches, with a fixed text. */
function failingCompiler(source: string, text: string): string {
  const path = join(makeFolder(), 'gcc');
  writeFileSync(
    path,
    `#!/bin/sh\ncase "$*" in *${source}*) echo "${text}" >&2; exit 1;; esac\nexec gcc "$@"\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

const withTools = (provoke: () => Promise<Provoked>): DiagnosticSample => ({ programs: TOOLS, provoke });
const without = (provoke: () => Promise<Provoked>): DiagnosticSample => ({ provoke });
const HUNK = '@@ -4,3 +4,3 @@\n {\n-    return helper(x) + 1;\n+    return helper(x) + 2;\n }\n';

/** A tree in which this many sources are newer than their objects. */
function staleTree(count: number): string {
  const names = Array.from({ length: count }, (_, k) => `stale${k}`);
  const changes = Object.fromEntries(
    names.map((name) => [`xen/common/${name}.c`, `int ${name}(void)\n{\n    return 1;\n}\n`]),
  );
  const objects = names.map((name) => `common/${name}.o`).join(' ');
  const top = buildTree(makeTree({ ...changes, 'xen/more.mk': `common-y += ${objects}\n` }));
  const later = new Date(Date.now() + 5_000);
  for (const name of names) utimesSync(join(top, `xen/common/${name}.c`), later, later);
  return top;
}

/** A built tree of which one object names another compiler. */
function mixedTree(): string {
  const top = buildTree(makeTree());
  const object = join(top, 'xen/common/two.o');
  const { mtime } = statSync(object);
  writeFileSync(object, readFileSync(object, 'latin1').replace(/GCC: \(.{3}/, 'GCC: (Old'), 'latin1');
  utimesSync(object, mtime, mtime);
  return top;
}

/** A built tree whose record of one object has another flag than the makefile. */
function lyingTree(): string {
  const top = buildTree(makeTree());
  const record = join(top, 'xen/common/.one.o.cmd');
  writeFileSync(record, readFileSync(record, 'utf8').replace('gcc -O2', 'gcc -O0'));
  return top;
}

export const SOURCE_SAMPLES: Readonly<Record<string, DiagnosticSample>> = {
  XS801: without(() => provokeIn(makeFolder(), fix())),
  XS802: without(() => {
    const file = join(makeFolder(), 'file');
    writeFileSync(file, '');
    return provokeIn(makeTree(), fix(), { cacheDir: join(file, 'cache') });
  }),
  XS803: without(() => provokeIn(makeTree(), join(makeFolder(), 'missing.patch'))),
  XS804: without(() => provokeIn(makeTree(), written('just some words\n'))),
  XS805: without(() =>
    provokeIn(
      makeTree(),
      written(
        'diff --git a/logo.png b/logo.png\nindex 1..2 100644\nBinary files a/logo.png and b/logo.png differ\n',
      ),
    ),
  ),
  XS806: without(() => provokeIn(makeTree(), written(`--- a/../outside.c\n+++ b/../outside.c\n${HUNK}`))),
  XS807: without(() =>
    provokeIn(makeTree(), written(`--- a/xen/common/none.c\n+++ b/xen/common/none.c\n${HUNK}`)),
  ),
  XS808: without(() =>
    provokeIn(
      makeTree(),
      written(`--- a/xen/common/one.c\n+++ b/xen/common/one.c\n${HUNK.replaceAll('helper(x)', 'helped(x)')}`),
    ),
  ),
  XS809: withTools(() => provokeIn(buildTree(makeTree()), writeFix('docs/note.txt', 'b', 'B'))),
  XS810: withTools(() => provokeIn(makeTree(), fix(), { makeVariables: { CC: 'no-such-gcc' } })),
  XS811: withTools(() =>
    provokeIn(makeTree(), fix(), {
      makeVariables: { CC: failingCompiler('two.c', 'common/two.c:3:1: error: this compiler is too new') },
    }),
  ),
  XS812: withTools(() => {
    const patch = writePatch('xen/common/fresh.c', '', 'int fresh(void)\n{\n    return 5;\n}\n');
    writeFileSync(
      patch,
      readFileSync(patch, 'utf8') +
        '--- /dev/null\n+++ b/xen/more.mk\n@@ -0,0 +1,1 @@\n+common-y += common/fresh.o\n',
    );
    return provokeIn(makeTree(), patch, {
      makeVariables: { CC: failingCompiler('fresh.c', "common/fresh.c:3:12: error: 'five' undeclared") },
    });
  }),
  XS813: withTools(() => provokeIn(makeTree(), fix(), { configFile: '/nonexistent/config' })),
  XS814: withTools(() => provokeIn(makeTree(), fix())),
  XS815: withTools(() => {
    const config = join(makeFolder(), 'config');
    writeFileSync(config, 'CONFIG_EXTRA=y\n');
    return provokeIn(makeTree(), fix(), { configFile: config });
  }),
  XS816: withTools(() => provokeIn(mixedTree(), fix())),
  XS817: withTools(() => provokeIn(staleTree(25), fix(), { build: 'make' })),
  XS818: withTools(() => provokeIn(buildTree(makeTree()), writeFix('xen/common/extra.c', '9', '10'))),
  XS853: without(async () => {
    const [top, found] = [makeTree(), new Array<Diagnostic>()];
    await baseObjects(top, (problem) => found.push(problem));
    return { found, hide: [[top, 'xen-tree']] };
  }),
  XS819: without(() => provokeIn(makeTree(), fix(), { signal: AbortSignal.abort() })),
  XS850: withTools(() =>
    provokeIn(buildTree(makeTree()), writePatch('xen/more.mk', '', 'common-y += common/extra.o\n'), {
      build: 'replay',
    }),
  ),
  XS852: withTools(() =>
    provokeIn(buildTree(makeTree()), writePatch('xen/more.mk', '', 'common-y += common/extra.o\n'), {
      verifyBuild: true,
    }),
  ),
  XS851: withTools(() => provokeIn(lyingTree(), fix(), { verifyBuild: true })),
};
