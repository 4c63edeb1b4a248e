/** What counts as a run of a compiler, and what does not. */
import { describe, expect, test } from '@jest/globals';
import { judgeCompile } from '../../../../src/source/replay/compile-command.js';
import { judgeLinkStep, loadedSections } from '../../../../src/source/replay/link-steps.js';
import { splitCommand } from '../../../../src/source/replay/command-words.js';

const judge = (text: string, target = 'common/x.o') => judgeCompile(splitCommand(text) ?? [], target);

/** In the form of Xen 4.17, with one of each kind of option. */
const XEN =
  "gcc -MMD -MP -MF common/.x.o.d -m64 -DBUILD_ID -std=gnu99 -Wall -Wno-unused-but-set-variable -O2 -nostdinc -fno-builtin -Werror -pipe -D__XEN__ -include ./include/xen/config.h -Wa,--strip-local-absolute -mindirect-branch=thunk-extern -fcf-protection=branch -I./include -DXEN_IMG_OFFSET=0x200000 -g -mpreferred-stack-boundary=3 -Wa,-I./include '-D__OBJECT_LABEL__=common/x.o' -iquote common -c common/x.c -o common/.x.o.tmp -MQ common/x.o";

describe('judgeCompile', () => {
  test('knows the command of a unit', () => {
    expect(judge(XEN)).toMatchObject({
      command: {
        program: 'gcc',
        source: 'common/x.c',
        output: 'common/.x.o.tmp',
        depfile: 'common/.x.o.d',
        debug: true,
      },
    });
  });

  test.each(['x86_64-linux-gnu-gcc-12', '/opt/cross/bin/clang', 'cc', 'clang-14'])(
    'takes %s for a compiler',
    (name) => {
      expect(judge(`${name} -c common/x.c -o common/x.o`)).toHaveProperty('command.program', name);
    },
  );

  test.each(['rm', 'sh', './gcc', '../gcc', 'common/gcc', 'gcc.sh', '/bin/sh', 'gccx', '/opt/../gcc/sh', ''])(
    'does not take %j for a compiler',
    (name) => {
      expect(judge(`'${name}' -c common/x.c -o common/x.o`)).toHaveProperty('unknown');
    },
  );

  test.each([
    ['arguments from a file', '@evil'],
    ['a plugin', '-fplugin=evil'],
    ['a plugin by path', '-fplugin=./evil.so'],
    ['a wrapper', '-wrapper sh,-c,evil'],
    ['other programs', '-B.'],
    ['other specs', '-specs=evil'],
    ['a dump', '-fdump-tree-all'],
    ['a profile', '-fprofile-use=evil'],
    ['coverage', '--coverage'],
    ['kept temporaries', '-save-temps=obj'],
    ['an option for the assembler that writes', '-Wa,-a=/tmp/evil'],
    ['an assembler include that is absolute', '-Wa,-I/evil'],
    ['an option for the preprocessor', '-Wp,-MD,/tmp/evil'],
    ['an option for LLVM', '-mllvm -load=evil'],
    ['split debug information', '-gsplit-dwarf'],
    ['an absolute include', '-I/home/me/xen/include'],
    ['an include above', '-I../include'],
    ['an include that climbs', '-Iinclude/../../x'],
    ['a header that is absolute', '-include /etc/passwd'],
    ['a second source', 'common/y.c'],
    ['a second output', '-o common/y.o'],
    ['a second mode', '-S'],
    ['what is no option', 'evil'],
    ['a language', '-x c'],
  ])('refuses %s', (_what, words) => {
    expect(judge(`gcc ${words} -c common/x.c -o common/x.o`)).toHaveProperty('unknown');
  });

  test.each([
    'gcc -c common/x.c -o /etc/passwd',
    'gcc -c common/x.c -o common/y.o',
    'gcc -c common/x.c -o ../x.o',
    'gcc -MMD -MF /tmp/x.d -c common/x.c -o common/x.o',
    'gcc -MMD -MF common/.y.o.d -c common/x.c -o common/x.o',
    'gcc -c ../x.c -o common/x.o',
    'gcc -c /x.c -o common/x.o',
    'gcc -c common/x.c',
    'gcc -c -o common/x.o',
    'gcc common/x.c -o common/x.o',
    'gcc -c common/x.c -o',
  ])('refuses %j', (text) => {
    expect(judge(text)).toHaveProperty('unknown');
  });
});

describe('judgeLinkStep', () => {
  const check = (object: string): string =>
    `    objdump -h ${object} | while read idx name sz rest; do case "$name" in .*.local) ;; .text|.text.*) test $(echo $sz | sed 's,00*,0,') != 0 || continue; echo "Error" >&2; exit $(expr $idx + 1);; esac; done || exit $?; objcopy --rename-section .rodata=.init.rodata common/x.o common/x.init.o`;

  test('knows boot code with the check before it', () => {
    expect(judgeLinkStep(check('common/x.o'), 'common/x.init.o')).toEqual({
      command: {
        program: 'objcopy',
        args: ['--rename-section', '.rodata=.init.rodata', 'common/x.o', 'common/x.init.o'],
        inputs: ['common/x.o'],
        output: 'common/x.init.o',
        checkedBy: 'objdump',
      },
    });
  });

  test('knows a partial link', () => {
    const text = 'ld -melf_x86_64 -r -o a/temp.o a/x.o a/y.o --start-group --end-group';
    expect(judgeLinkStep(text, 'a/temp.o')).toMatchObject({
      command: { inputs: ['a/x.o', 'a/y.o'], output: 'a/temp.o', checkedBy: undefined },
    });
  });

  test.each([
    ['a check of something else', check('common/y.o')],
    ['something behind it', `${check('common/x.o')}; rm -rf /`],
    ['something before it', `rm -rf /; ${check('common/x.o')}`],
    ['an absolute output', 'objcopy common/x.o /etc/passwd'],
    ['another output', 'objcopy common/x.o common/y.o'],
    ['an option that writes', 'objcopy --dump-section .text=/tmp/x common/x.o common/x.init.o'],
    ['a linker script', 'ld -r -T evil.lds -o common/x.init.o common/x.o'],
    ['a plugin', 'ld -r -plugin evil.so -o common/x.init.o common/x.o'],
    ['a final link', 'ld -o common/x.init.o common/x.o'],
    ['another program', 'cp common/x.o common/x.init.o'],
    ['a program of the tree', './objcopy common/x.o common/x.init.o'],
  ])('refuses %s', (_what, text) => {
    expect(judgeLinkStep(text, 'common/x.init.o')).toHaveProperty('unknown');
  });

  test('sees code that would stay after boot', () => {
    const listing =
      '  0 .text         00000000  0\n  1 .data.x       00000010  0\n  2 .init.text 00000020 0\n  3 .data.rel.local 00000008 0\n';
    expect(loadedSections(listing)).toEqual(['.data.x']);
  });
});
