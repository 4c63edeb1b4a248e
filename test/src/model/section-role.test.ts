/** What sections are for, by their names and flags. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { bugFrameKind, isCode, isEntryTable, sectionRole } from '../../../src/model/section-role.js';
import { GENERIC_TARGET, XEN_TARGET } from '../../../src/xen/versions.js';
import type { TargetProfile } from '../../../src/xen/versions.js';
import { ElfBuilder, sectionNamed } from '../../support/elf-builder.js';

const A = c.SHF_ALLOC;
const AX = c.SHF_ALLOC | c.SHF_EXECINSTR;
const WA = c.SHF_ALLOC | c.SHF_WRITE;

function roleOf(
  name: string,
  flags: number,
  target: TargetProfile = XEN_TARGET,
  type = c.SHT_PROGBITS,
): string {
  const file = new ElfBuilder().section(name, [0], { flags, type }).read();
  return sectionRole(sectionNamed(file, name), target);
}

describe('sections of Xen', () => {
  test.each([
    ['.text', AX, 'text'],
    ['.text.unlikely.f', AX, 'text'],
    ['.text.startup', AX, 'init-text'],
    ['.init.text', AX, 'init-text'],
    ['.init.text.f', AX, 'init-text'],
    ['.init.rodata', A, 'init-data'],
    ['.init.rodata.str1.1', A, 'init-data'],
    ['.initcall1.init', A, 'init-data'],
    ['.initcallpresmp.init', A, 'init-data'],
    ['.initialised', WA, 'data'],
    ['.rodata', A, 'rodata'],
    ['.rodata.str1.8', A, 'rodata'],
    ['.data', WA, 'data'],
    ['.data.rel.ro', WA, 'rodata'],
    ['.data.rel.ro.local.names.3', WA, 'rodata'],
    ['.data.rel.ro.vpci', WA, 'boot-table'],
    ['.data.rel.roof', WA, 'data'],
    ['.data.ro_after_init', WA, 'data'],
    ['.data.schedulers', WA, 'boot-table'],
    ['.bss.percpu', WA, 'percpu'],
    ['.bss.percpu.page_aligned', WA, 'percpu'],
    ['.bug_frames.0', A, 'bug-frames'],
    ['.bug_frames.3', A, 'bug-frames'],
    ['.bug_frames.4', A, 'rodata'],
    ['.altinstructions', A, 'altinstructions'],
    ['.altinstr_replacement', AX, 'altinstr-replacement'],
    ['.ex_table', A, 'ex-table'],
    ['.ex_table.pre', A, 'boot-table'],
    ['.fixup', AX, 'fixup'],
    ['.livepatch.hooks.load', WA, 'hooks'],
    ['.xsplice.hooks.unload', A, 'hooks'],
    ['.discard', A, 'ignored'],
    ['.eh_frame', A, 'ignored'],
    ['.debug_info', 0, 'ignored'],
    ['.comment', 0, 'ignored'],
  ])('%s is %s', (name, flags, role) => {
    expect(roleOf(name, flags)).toBe(role);
  });

  test('notes are ignored, and SHT_NOBITS is bss', () => {
    expect(roleOf('.note.gnu.property', A, XEN_TARGET, c.SHT_NOTE)).toBe('ignored');
    const file = new ElfBuilder().bss('.bss', 8).read();
    expect(sectionRole(sectionNamed(file, '.bss'), XEN_TARGET)).toBe('bss');
  });
});

test('the generic target knows flags only', () => {
  expect(roleOf('.init.text', AX, GENERIC_TARGET)).toBe('text');
  expect(roleOf('.bug_frames.1', A, GENERIC_TARGET)).toBe('rodata');
  expect(roleOf('.bss.percpu', WA, GENERIC_TARGET)).toBe('data');
  expect(roleOf('.eh_frame', A, GENERIC_TARGET)).toBe('ignored');
});

test('code and tables are told by role', () => {
  expect(isCode('fixup') && isCode('init-text') && !isCode('rodata')).toBe(true);
  expect(isEntryTable('ex-table') && !isEntryTable('hooks')).toBe(true);
  expect([bugFrameKind('.bug_frames.2'), bugFrameKind('.bug_frames')]).toEqual([2, -1]);
});
