/**
 * Good payloads of our own writing, small, and for every Xen that has the functions of NEEDED: what mutants are made
 * of. Their bytes depend on nothing but the build-id of the hypervisor that they are for.
 *
 *   plain    replaces three functions by name: one with an expectation, one that begins with endbr64
 *   hooked   hooks around applying and reverting, each of which prints a line
 *   actions  hooks in the place of applying and reverting
 *   tables   a replaced function; bug frames, exceptions, alternatives, writable data, metadata. Its hook meets a
 *            WARN(), a fault that is caught, run_in_exception_handler(), and prints what the alternatives made of it
 */
import * as c from '../../../src/elf/constants.js';
import { DEPENDS, labelled, OWN_ID, PayloadParts, TEXT, XEN_DEPENDS } from './payload-parts.js';

export const OWN_PAYLOADS = ['plain', 'hooked', 'actions', 'tables'] as const;
export type OwnPayload = (typeof OWN_PAYLOADS)[number];

/** What the hypervisor must have: names, and what stands there. */
export const NEEDED = {
  printk: 'prints',
  xen_extra_version: 'any 12 bytes',
  xen_minor_version: 'b8 11 00 00 00, mov $17,%eax, and 5 bytes more',
  xen_deny: 'any 12 bytes',
  dump_execstate: 'f3 0f 1e fa, endbr64, and 5 bytes more',
} as const;

/** X86_FEATURE_ALWAYS: what every processor has that runs Xen. */
export const ALWAYS = 2 * 32 + 29;
export const NOT = 0x8000;

/** The build-id of each: 20 times its number. */
export const BUILD_IDS: Readonly<Record<OwnPayload, Uint8Array>> = {
  plain: new Uint8Array(20).fill(0x11),
  hooked: new Uint8Array(20).fill(0x22),
  actions: new Uint8Array(20).fill(0x33),
  tables: new Uint8Array(20).fill(0x44),
};

const MAKERS: Readonly<Record<OwnPayload, () => PayloadParts>> = { plain, hooked, actions, tables };

/** A good payload for the hypervisor of that build-id. */
export function ownPayload(name: OwnPayload, xen: Uint8Array): Uint8Array {
  const parts = MAKERS[name]();
  parts.note(OWN_ID, BUILD_IDS[name]);
  parts.note(DEPENDS, xen);
  parts.note(XEN_DEPENDS, xen);
  parts.elf.section('.comment', Buffer.from('made by hand\0'), { flags: 0 });
  parts.elf.symbol('mutant_comment', { section: '.comment', type: c.STT_OBJECT });
  return parts.elf.bytes();
}

function plain(): PayloadParts {
  const parts = new PayloadParts(['xen_extra_version', 'xen_minor_version', 'dump_execstate', '(mutant)']);
  const named = ['xen_extra_version', 'xen_minor_version', 'dump_execstate'] as const;
  const [extra, minor, dump] = named;
  parts.code(`.text.${extra}`, [extra], `.${extra}:`, '48 8d 05 00 00 00 00 # lea 0(%rip),%rax', 'c3');
  const text = parts.stringAt('(mutant)');
  parts.elf.rela(`.text.${extra}`, 3, c.R_X86_64_PC32, { section: '.rodata.str' }, text - 4);
  parts.code(`.text.${minor}`, [minor], `.${minor}:`, 'b8 11 00 00 00 # mov $17,%eax', 'c3');
  parts.code(`.text.${dump}`, [dump], `.${dump}:`, 'f3 0f 1e fa # endbr64', 'c3');
  parts.elf.section('.rodata', [1, 2, 3, 4, 5, 6, 7, 8], { align: 8 });
  parts.elf.symbol('mutant_constant', { section: '.rodata', type: c.STT_OBJECT, size: 8 });
  parts.records(
    { name: extra, replacement: { symbol: extra }, newSize: 8, oldSize: 12 },
    {
      ...{ name: minor, replacement: { symbol: minor }, newSize: 6, oldSize: 10 },
      expect: [0xb8, 0x11, 0, 0, 0],
    },
    { name: dump, replacement: { symbol: dump }, newSize: 5, oldSize: 9 },
  );
  return parts;
}

/** A function that prints a line and returns 0. */
function printing(name: string, line: string): readonly string[] {
  return [
    `.${name}:`,
    ...['48 83 ec 08 # sub $8,%rsp', `lea rdi ${line}`, '31 c0 # xor %eax,%eax', 'call printk'],
    ...['31 c0 # xor %eax,%eax', '48 83 c4 08 # add $8,%rsp', 'c3'],
  ];
}

function hooksOf(...kinds: readonly string[]): PayloadParts {
  const lines = kinds.map((kind) => `hook: ${kind}\n`);
  const parts = new PayloadParts(lines);
  const names = kinds.map((kind) => `mutant_${kind}`);
  parts.code(TEXT, names, ...names.flatMap((name, k) => printing(name, lines[k])));
  return parts;
}

function hooked(): PayloadParts {
  const single = ['preapply', 'postapply', 'prerevert', 'postrevert'];
  const parts = hooksOf('load', 'load2', 'unload', ...single);
  parts.hook('load', 'mutant_load', 'mutant_load2');
  parts.hook('unload', 'mutant_unload');
  for (const kind of single) parts.hook(kind, `mutant_${kind}`);
  return parts;
}

function actions(): PayloadParts {
  const parts = hooksOf('apply', 'revert');
  parts.hook('apply', 'mutant_apply');
  parts.hook('revert', 'mutant_revert');
  return parts;
}

const GIVES = 'hook: alternatives give %d %d %d %d %d\n';
const RUNS = 'hook: run in the exception handler\n';

function tables(): PayloadParts {
  const parts = new PayloadParts(['xen_deny', GIVES, RUNS, 'mutant.c', 'never']);
  const functions = ['xen_deny', 'mutant_hook', 'mutant_called', 'mutant_target', 'mutant_runs'];
  const code = parts.code(
    ...([TEXT, functions, '.xen_deny:', '31 c0 # xor %eax,%eax', 'c3'] as const),
    ...[
      '.mutant_hook:',
      '48 83 ec 08 # sub $8,%rsp',
      '45 31 c0 45 31 c9 # xor %r8d,%r8d; xor %r9d,%r9d',
      '.warn:',
      '0f 0b',
      '.run:',
      '0f 0b',
    ],
    ...['.fault:', '0f 0b', '.never:', '0f 0b', '.assert:', '0f 0b', '.goes_on:'],
    ...['.replaced:', 'be 01 00 00 00 # mov $1,%esi', '.kept:', 'ba 01 00 00 00 90 90 90 # mov $1,%edx'],
    ...['.twice:', 'b9 01 00 00 00 # mov $1,%ecx', '.indirect:', 'ff 15 00 00 00 00 # call *0(%rip)'],
    ...['.moved:', '0f 1f 44 00 00 # nop', `lea rdi ${GIVES}`, '31 c0', 'call printk'],
    ...['31 c0', '48 83 c4 08 # add $8,%rsp', 'c3'],
    ...['.mutant_called:', 'f3 0f 1e fa # endbr64', '41 b8 07 00 00 00 # mov $7,%r8d', 'c3'],
    ...['.mutant_target:', '41 b9 09 00 00 00 # mov $9,%r9d', 'c3'],
    ...printing('mutant_runs', RUNS),
  );
  const at = (label: string): number => labelled(code, label);
  parts.elf.data('.data', new Uint8Array(8)).rela('.data', 0, c.R_X86_64_64, 'mutant_called');
  parts.elf.symbol('mutant_pointer', { section: '.data', type: c.STT_OBJECT, size: 8 });
  parts.elf.bss('.bss', 16).symbol('mutant_zeros', { section: '.bss', type: c.STT_OBJECT, size: 16 });
  parts.elf.rela(TEXT, at('.indirect') + 2, c.R_X86_64_PC32, 'mutant_pointer', -4);
  parts.elf.text('.altinstr_replacement', REPLACEMENTS);
  parts.elf.rela('.altinstr_replacement', 26, c.R_X86_64_PLT32, 'mutant_target', -4);
  const five = { original: 5, length: 5, padding: 0, feature: ALWAYS };
  parts.alternatives(
    '.altinstr_replacement',
    { ...five, at: at('.replaced'), replacement: 0 },
    { ...five, at: at('.kept'), replacement: 5, feature: NOT | ALWAYS, padding: 3 },
    { ...five, at: at('.twice'), replacement: 10 },
    { ...five, at: at('.twice'), replacement: 15 },
    { ...five, at: at('.indirect'), replacement: 20, original: 6 },
    { ...five, at: at('.moved'), replacement: 25 },
  );
  const file = 'mutant.c';
  parts.bugFrames(0, [{ instruction: at('.run'), line: 0, calls: 'mutant_runs' }]);
  parts.bugFrames(1, [{ instruction: at('.warn'), line: 77, file }]);
  parts.bugFrames(2, [{ instruction: at('.never'), line: 78, file }]);
  parts.bugFrames(3, [{ instruction: at('.assert'), line: 79, file, message: 'never' }]);
  // The later one first: the loader sorts them.
  parts.exTable(
    { fault: at('.goes_on'), goesOn: at('.goes_on') },
    { fault: at('.fault'), goesOn: at('.goes_on') },
  );
  parts.records({ name: 'xen_deny', replacement: { symbol: 'xen_deny' }, newSize: 3, oldSize: 12 });
  parts.hook('preapply', 'mutant_hook');
  parts.elf.section('.modinfo', Buffer.from('version=1\0author=nobody\0'));
  return parts;
}

const REPLACEMENTS = [
  ...[0xbe, 2, 0, 0, 0], // mov $2,%esi
  ...[0xba, 2, 0, 0, 0], // mov $2,%edx
  ...[0xb9, 2, 0, 0, 0], // mov $2,%ecx
  ...[0xb9, 3, 0, 0, 0], // mov $3,%ecx
  ...[0xe8, 0xfb, 0xff, 0xff, 0xff], // call .: a call through a pointer becomes a direct one
  ...[0xe8, 0, 0, 0, 0], // call mutant_target
];
