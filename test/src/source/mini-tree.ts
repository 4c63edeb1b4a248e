/**
 * A miniature source tree in the shape of Xen's: a top with Config.mk, xen/ with a makefile whose rule for
 * $(TARGET) ends in the link, folders joined by built_in.o, commands recorded in .cmd files, a date that is
 * compiled in. Small enough to build in half a second, and of our own.
 */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const MAKEFILE = String.raw`export XEN_VERSION = 4
export XEN_SUBVERSION = 17
export XEN_EXTRAVERSION ?= .9$(XEN_VENDORVERSION)
export XEN_BUILD_DATE ?= $(shell date +%s%N)
export TARGET := xen
include ../Config.mk

build: $(TARGET)

.config:
	$(MAKE) defconfig
defconfig:
	printf '%s\n' CONFIG_LIVEPATCH=y > .config
olddefconfig:
	grep -q NONSENSE .config && exit 1 || echo CONFIG_NEW=y >> .config

$(TARGET): .config FORCE
	@$(MAKE) -f Rules.mk include/xen/compile.h
	@$(MAKE) -f Rules.mk $@

FORCE:
.PHONY: FORCE build defconfig olddefconfig
`;

const RULES = String.raw`include ../Config.mk
include .config
.SUFFIXES:
.SECONDARY:
CFLAGS := -O2 -fno-pic -ffunction-sections -fdata-sections -Wall -Werror -Iinclude

common-y := common/one.o common/two.o common/version.o common/boot.init.o
common-$(CONFIG_EXTRA) += common/extra.o
arch-y := arch/x86/three.o arch/x86/efi/linked.o
-include more.mk
commands := $(wildcard common/.*.o.cmd arch/x86/.*.o.cmd arch/x86/efi/.*.o.cmd)
-include $(commands)

xen: prelink.o
	echo linked >> link.log
	cp prelink.o xen-syms
	cp prelink.o xen

prelink.o: common/built_in.o arch/x86/built_in.o
	$(call record,$(LD) -r -o $@ $^)
common/built_in.o: $(common-y) $(wildcard more.mk)
	$(call record,$(LD) -r -o $@ $(filter %.o,$^))
arch/x86/built_in.o: $(arch-y) $(wildcard more.mk)
	$(call record,$(LD) -r -o $@ $(filter %.o,$^))

%.init.o: %.o
	$(call record,objcopy --rename-section .data=.init.data $< $@)

%.o: %.c .config
	@echo '  CC      $@'
	@$(CC) $(CFLAGS) -MMD -MP -MF $(@D)/.$(@F).d -c $< -o $@
	@{ printf '%s\n' 'cmd_$@ := $(CC) $(CFLAGS) -c $< -o $@' ''  'source_$@ := $<' '' 'deps_$@ := \'; \
	  sed -e 's/^[^ ]*: *//' -e '/^$$/d' -e '/:$$/d' -e 's/ *\\$$//' $(@D)/.$(@F).d | tr ' ' '\n' | sed -e '/^$$/d' -e 's/.*/  & \\/'; \
	  printf '%s\n' '' '$@: $$(deps_$@)' '' '$$(deps_$@):'; } > $(@D)/.$(@F).cmd
	@rm -f $(@D)/.$(@F).d

include/xen/compile.h: FORCE
	@echo '#define COMPILE_DATE "$(XEN_BUILD_DATE)"' > $@.new
	@cmp -s $@ $@.new && rm $@.new || mv $@.new $@
common/version.o: include/xen/compile.h

record = @echo '  LD      $@'; $(1) && printf '%s\n' 'cmd_$@ := $(1)' > $(@D)/.$(@F).cmd
FORCE:
.PHONY: FORCE
`;

const FILES: Readonly<Record<string, string>> = {
  'Config.mk': 'CC = gcc\nLD = ld\n',
  'config/Linux.mk': '',
  'docs/note.txt': 'a\nb\nc\n',
  'xen/Makefile': MAKEFILE,
  'xen/Rules.mk': RULES,
  'xen/include/xen/compile.h.in': '',
  'xen/include/xen/lib.h': 'extern int triple(int);\nextern int unused_here;\n',
  'xen/common/one.c': '#include <xen/lib.h>\n\nint one(int x)\n{\n    return triple(x) + 1;\n}\n',
  'xen/common/two.c': '#include <xen/lib.h>\n\nint triple(int x)\n{\n    return x * 3;\n}\n',
  'xen/common/version.c':
    '#include <xen/compile.h>\n\nconst char *date(void)\n{\n    return COMPILE_DATE;\n}\n',
  'xen/common/boot.c': 'int boot_data = 1;\n',
  'xen/common/extra.c': 'int extra(void)\n{\n    return 9;\n}\n',
  'xen/arch/x86/three.c': 'int three(void)\n{\n    return 3;\n}\n',
  'xen/common/efi/linked.c': 'int linked(void)\n{\n    return 4;\n}\n',
};

const made: string[] = [];

/** A new folder for this test, removed by `removeFolders`. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'xsplice-source-'));
  made.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Writes the tree, all files dated an hour ago, and returns its top. */
export function makeTree(changes: Readonly<Record<string, string>> = {}): string {
  const top = join(makeFolder(), 'xen-mini');
  for (const [path, text] of Object.entries({ ...FILES, ...changes })) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
    const then = new Date(Date.now() - 3_600_000);
    utimesSync(join(top, path), then, then);
  }
  mkdirSync(join(top, 'xen/arch/x86/efi'));
  symlinkSync('../../../common/efi/linked.c', join(top, 'xen/arch/x86/efi/linked.c'));
  return top;
}

/** Builds the tree where it is, as its owner would. */
export function buildTree(top: string): string {
  execFileSync('make', ['-C', join(top, 'xen')], { stdio: 'pipe', env: { ...process.env, MAKEFLAGS: '' } });
  return top;
}

/** One hash over every name, kind, content and modification time below `top`. */
export function fingerprint(top: string): string {
  const hash = createHash('sha256');
  const visit = (path: string): void => {
    const info = lstatSync(path, { bigint: true });
    hash.update(`${path} ${String(info.mode)} ${String(info.mtimeNs)} ${String(info.ino)}\n`);
    if (info.isSymbolicLink()) hash.update(readlinkSync(path));
    else if (info.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else hash.update(readFileSync(path));
  };
  visit(top);
  return hash.digest('hex');
}

/** Writes a patch file that turns `from` into `to` in one file of the tree; whole-file hunk. */
export function writePatch(path: string, from: string, to: string): string {
  const file = join(makeFolder(), 'fix.patch');
  const lines = (text: string, sign: string): string => text.replace(/^/gm, sign).slice(0, -sign.length);
  const count = (text: string): number => text.split('\n').length - 1;
  const head =
    from === ''
      ? `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${String(count(to))} @@\n`
      : `--- a/${path}\n+++ b/${path}\n@@ -1,${String(count(from))} +1,${String(count(to))} @@\n`;
  writeFileSync(file, head + (from === '' ? '' : lines(from, '-')) + lines(to, '+'));
  return file;
}

/** A patch that replaces `what` by `by` in a file as makeTree writes it. */
export function writeFix(path: string, what: string, by: string): string {
  const from = FILES[path] ?? '';
  return writePatch(path, from, from.replace(what, by));
}
