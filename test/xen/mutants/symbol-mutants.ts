/** Mutants whose symbols or relocations are broken: names, where they are defined, what is written where. */
import * as c from '../../../src/elf/constants.js';
import type { Draft, Mutant } from './mutant.js';
import { APPLIED, mutantsOf } from './mutant.js';
import { FUNCS, RECORD } from './payload-parts.js';
import type { PayloadEdit } from './payload-edit.js';

const EXTRA_TEXT = '.text.xen_extra_version';
const CONSTANT = 'mutant_constant';
const INFO = c.stInfo(c.STB_GLOBAL, c.STT_OBJECT);
const LONG = 'n'.repeat(127);

const SYMBOLS: readonly Draft[] = [
  ['unknown', 'an undefined symbol that nobody has', (p) => p.addSymbol('mutant_nowhere', c.SHN_UNDEF)],
  [
    'unknown-weak',
    'a weak undefined symbol that nobody has',
    (p) => p.addSymbol('mutant_nowhere', c.SHN_UNDEF, 0, c.stInfo(c.STB_WEAK, 0)),
  ],
  ['unknown-nameless', 'an undefined symbol without a name', (p) => p.addSymbol('', c.SHN_UNDEF)],
  [
    'known',
    'an undefined symbol that Xen has, which nothing uses',
    (p) => p.addSymbol('printk', c.SHN_UNDEF),
  ],
  [
    'known-with-value',
    'an undefined symbol that Xen has, and a value that it should not have',
    (p) => p.addSymbol('printk', c.SHN_UNDEF, 77),
  ],
  [
    'local-name',
    'an undefined symbol is named as a local of Xen without its file',
    (p) => p.addSymbol('payload_list', c.SHN_UNDEF),
  ],
  ['case', 'an undefined symbol differs from one of Xen in case', (p) => p.addSymbol('Printk', c.SHN_UNDEF)],
  ['prefix', 'an undefined symbol is the beginning of one of Xen', (p) => p.addSymbol('print', c.SHN_UNDEF)],
  ['common', 'a common symbol', (p) => p.addSymbol('mutant_common', c.SHN_COMMON, 8)],
  ['absolute', 'an absolute symbol', (p) => p.addSymbol('mutant_absolute', c.SHN_ABS, 5)],
  ['reserved-first', 'a symbol in section SHN_LORESERVE', (p) => p.symbol(CONSTANT, 'st_shndx', 0xff00)],
  ['reserved-xindex', 'a symbol in section SHN_XINDEX', (p) => p.symbol(CONSTANT, 'st_shndx', 0xffff)],
  [
    'section-past',
    'a symbol in section e_shnum',
    (p) => p.symbol(CONSTANT, 'st_shndx', p.file.sections.length),
  ],
  [
    'section-last',
    'a symbol in the last section, which is not loaded',
    (p) => p.symbol(CONSTANT, 'st_shndx', p.file.sections.length - 1),
  ],
  ['section-below-reserve', 'a symbol in section 0xfeff', (p) => p.symbol(CONSTANT, 'st_shndx', 0xfeff)],
  [
    'undefined-constant',
    'a symbol of ours becomes an undefined one',
    (p) => p.symbol(CONSTANT, 'st_shndx', c.SHN_UNDEF),
  ],
  [
    'name-past',
    'st_name is the size of the names',
    (p) => p.symbol(CONSTANT, 'st_name', p.contentsOf('.strtab').length),
  ],
  ['name-huge', 'st_name is 2^32 - 1', (p) => p.symbol(CONSTANT, 'st_name', -1)],
  [
    'name-last',
    'st_name is the last zero of the names',
    (p) => p.symbol(CONSTANT, 'st_name', p.contentsOf('.strtab').length - 1),
  ],
  [
    'name-past-null',
    'st_name of the null symbol is 2^32 - 1: nobody looks',
    (p) => p.symbol(0, 'st_name', -1),
  ],
  [
    'value-outside',
    'the value of a symbol lies outside of its section: nobody looks',
    (p) => p.symbol(CONSTANT, 'st_value', 0x10000),
  ],
  ['type', 'the type of a symbol is unknown: nobody looks', (p) => p.symbol(CONSTANT, 'st_info', 0xff)],
  ['size', 'the size of a symbol is 2^64 - 1: nobody looks', (p) => p.symbol(CONSTANT, 'st_size', -1)],
  ['order', 'sh_info of the symbol table is 0: nobody looks', (p) => p.section('.symtab', 'sh_info', 0)],
];

const DUPLICATES: readonly Draft[] = [
  ['of-xen', 'a new symbol has the name of one of Xen', (p) => p.renameSymbol(CONSTANT, 'printk')],
  [
    'of-xen-local',
    'a local symbol has the name of one of Xen',
    (p) =>
      p.renameSymbol(CONSTANT, 'printk').symbol(CONSTANT, 'st_info', c.stInfo(c.STB_LOCAL, c.STT_OBJECT)),
  ],
  [
    'of-xen-file-local',
    'a new symbol has the bare name of a local of Xen',
    (p) => p.renameSymbol(CONSTANT, 'payload_list'),
  ],
  ['twice', 'two new symbols have one name: nobody looks', (p) => p.addSymbol(CONSTANT, '.rodata', 4, INFO)],
  [
    'replaced-elsewhere',
    'what replaces a function has another name than it',
    (p) => p.renameSymbol('xen_extra_version', 'mutant_version'),
    { then: APPLIED },
  ],
  [
    'name-of-replaced',
    'a new symbol has the name of a replaced function',
    (p) => p.renameSymbol(CONSTANT, 'xen_minor_version'),
  ],
  [
    'of-payload',
    'a new symbol has the name of one of a loaded payload',
    (p) => p.renameSymbol(CONSTANT, 'mutant_load'),
    { before: [{ payload: 'hooked', applied: false }] },
  ],
  [
    'of-applied',
    'a new symbol has the name of one of an applied payload',
    (p) => p.renameSymbol(CONSTANT, 'mutant_load'),
    { before: [{ payload: 'hooked', applied: true }] },
  ],
  ['of-merged', 'a symbol of merged strings has a name of Xen', (p) => p.renameSymbol('.LC0', 'printk')],
  ['of-merged-label', 'a symbol .L of merged strings is not kept', (p) => p.renameSymbol('.LC0', '.Lprintk')],
  [
    'of-unloaded',
    'a symbol of a section that is not loaded has a name of Xen',
    (p) => p.renameSymbol('mutant_comment', 'printk'),
  ],
  ['long', 'a new symbol has a name of 127 characters', (p) => p.renameSymbol(CONSTANT, LONG)],
  [
    'very-long',
    'a new symbol has a name of 300 characters',
    (p) => p.renameSymbol(CONSTANT, 'n'.repeat(300)),
  ],
  [
    'linked',
    'an undefined symbol that a loaded payload has',
    (p) => p.addSymbol('mutant_load', c.SHN_UNDEF),
    { before: [{ payload: 'hooked', applied: false }] },
  ],
  [
    'linked-nowhere',
    'an undefined symbol that no loaded payload has',
    (p) => p.addSymbol('mutant_nothing', c.SHN_UNDEF),
    { before: [{ payload: 'hooked', applied: false }] },
  ],
  [
    'build-id',
    'the build-id is that of a loaded payload',
    (p) =>
      p
        .number('.note.gnu.build-id', 16, 8, 0x2222222222222222n)
        .number('.note.gnu.build-id', 24, 8, 0x2222222222222222n)
        .number('.note.gnu.build-id', 32, 4, 0x22222222),
    { before: [{ payload: 'hooked', applied: false }] },
  ],
];

/** Relocations that fill the code of xen_extra_version: a copy of its only record with changed fields. */
const RELOCATIONS: readonly Draft[] = [
  ['type-none', 'R_X86_64_NONE leaves the field as it is', (p) => p.rela(EXTRA_TEXT, 0, 'r_type', 0)],
  ['type-64', 'R_X86_64_64 where 4 bytes are left', (p) => p.rela(EXTRA_TEXT, 0, 'r_type', 1)],
  ...[3, 5, 9, 10, 11, 12, 13, 14, 15, 22, 24, 26, 41, 42, 0x7fffffff].map((type): Draft => [
    `type-${String(type)}`,
    `the type of a relocation is ${String(type)}`,
    (p) => p.rela(EXTRA_TEXT, 0, 'r_type', type),
  ]),
  [
    'type-plt32',
    'R_X86_64_PLT32 instead of PC32',
    (p) => p.rela(EXTRA_TEXT, 0, 'r_type', 4),
    { then: APPLIED },
  ],
  ['symbol-null', 'a relocation against the null symbol', (p) => p.rela(EXTRA_TEXT, 0, 'r_sym', 0)],
  [
    'symbol-null-none',
    'R_X86_64_NONE against the null symbol',
    (p) => p.rela(EXTRA_TEXT, 0, 'r_sym', 0).rela(EXTRA_TEXT, 0, 'r_type', 0),
  ],
  [
    'symbol-past',
    'a relocation against the symbol behind the last',
    (p) => p.rela(EXTRA_TEXT, 0, 'r_sym', p.file.symbols.count),
  ],
  ['symbol-huge', 'a relocation against symbol 2^32 - 1', (p) => p.rela(EXTRA_TEXT, 0, 'r_sym', -1)],
  [
    'symbol-unloaded',
    'a relocation against a symbol of a section that is not loaded',
    (p) => p.rela(EXTRA_TEXT, 0, 'r_sym', p.symbolNumber('mutant_comment')),
  ],
  [
    'symbol-absolute',
    'PC32 against an absolute symbol: too far',
    (p) => p.rela(EXTRA_TEXT, 0, 'r_sym', p.addSymbol('mutant_absolute', c.SHN_ABS, 5)),
  ],
  [
    'symbol-file',
    'PC32 against the symbol of the file: too far',
    (p) => p.rela(EXTRA_TEXT, 0, 'r_sym', p.symbolNumber('mutant.c')),
  ],
  ['offset-last', 'PC32 in the last 4 bytes of the code', (p) => p.rela(EXTRA_TEXT, 0, 'r_offset', 4)],
  ['offset-one-past', 'PC32 one byte behind the last place', (p) => p.rela(EXTRA_TEXT, 0, 'r_offset', 5)],
  ['offset-size', 'PC32 at the end of the section', (p) => p.rela(EXTRA_TEXT, 0, 'r_offset', 8)],
  ['offset-huge', 'PC32 at 2^64 - 4', (p) => p.rela(EXTRA_TEXT, 0, 'r_offset', -4)],
  [
    'offset-none',
    'R_X86_64_NONE far outside: nobody looks',
    (p) => p.rela(EXTRA_TEXT, 0, 'r_offset', 2 ** 40).rela(EXTRA_TEXT, 0, 'r_type', 0),
  ],
  [
    'offset-64',
    'R_X86_64_64 at 7 bytes before the end of the records',
    (p) => p.rela(FUNCS, 0, 'r_offset', 3 * RECORD.size - 7),
  ],
  ['addend-far', 'PC32 with an addend of 2^31', (p) => p.rela(EXTRA_TEXT, 0, 'r_addend', 2 ** 31)],
  ['addend-far-below', 'PC32 with an addend of -2^32', (p) => p.rela(EXTRA_TEXT, 0, 'r_addend', -(2 ** 32))],
  ['addend-near', 'PC32 with an addend of 2^30', (p) => p.rela(EXTRA_TEXT, 0, 'r_addend', 2 ** 30)],
  [
    'link',
    'sh_link of relocations is not the symbol table',
    (p) => p.section(`.rela${EXTRA_TEXT}`, 'sh_link', 1),
  ],
  [
    'link-unloaded',
    'sh_link is wrong, but what is relocated is not loaded',
    (p) =>
      p
        .section(`.rela${EXTRA_TEXT}`, 'sh_link', 1)
        .section(`.rela${EXTRA_TEXT}`, 'sh_info', p.numberOf('.comment')),
  ],
  [
    'link-empty',
    'sh_link is wrong, and there are no relocations',
    (p) => p.section(`.rela${EXTRA_TEXT}`, 'sh_link', 1).section(`.rela${EXTRA_TEXT}`, 'sh_size', 0),
  ],
  [
    'info-past',
    'sh_info of relocations is e_shnum: they are left out',
    (p) => p.section(`.rela${EXTRA_TEXT}`, 'sh_info', p.file.sections.length),
  ],
  [
    'info-unloaded',
    'relocations of a section that is not loaded are left out',
    (p) =>
      p.section(`.rela${EXTRA_TEXT}`, 'sh_info', p.numberOf('.comment')).rela(EXTRA_TEXT, 0, 'r_type', 10),
  ],
  ['rel', 'SHT_REL', (p) => p.section(`.rela${EXTRA_TEXT}`, 'sh_type', c.SHT_REL)],
  [
    'rel-empty',
    'SHT_REL without records',
    (p) => p.section(`.rela${EXTRA_TEXT}`, 'sh_type', c.SHT_REL).section(`.rela${EXTRA_TEXT}`, 'sh_size', 0),
  ],
  [
    'rel-entsize',
    'SHT_REL with sh_entsize 15',
    (p) =>
      p.section(`.rela${EXTRA_TEXT}`, 'sh_type', c.SHT_REL).section(`.rela${EXTRA_TEXT}`, 'sh_entsize', 15),
  ],
  [
    'entsize-short',
    'sh_entsize of relocations is 16',
    (p) => p.section(`.rela${EXTRA_TEXT}`, 'sh_entsize', 16),
  ],
  ['entsize-zero', 'sh_entsize of relocations is 0', (p) => p.section(`.rela${EXTRA_TEXT}`, 'sh_entsize', 0)],
  [
    'entsize-spread',
    'relocations lie 40 bytes apart, as sh_entsize says',
    (p) => p.spread(`.rela${FUNCS}`, 40),
    { then: APPLIED },
  ],
  [
    'ragged',
    'the relocations are no whole number of records',
    (p) => p.section(`.rela${EXTRA_TEXT}`, 'sh_size', 23),
  ],
  ['of-constant', 'a constant is relocated, too', (p) => addRelocations(p)],
  [
    'of-nobits',
    'a NOBITS section is relocated',
    (p) =>
      p
        .section('.rodata', 'sh_type', c.SHT_NOBITS)
        .section(`.rela${EXTRA_TEXT}`, 'sh_info', p.numberOf('.rodata')),
  ],
];

/** A relocation section whose target has none. */
function addRelocations(p: PayloadEdit): void {
  const bytes = new Uint8Array(c.RELA_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, c.R_X86_64_64, true);
  view.setUint32(12, p.symbolNumber(CONSTANT), true);
  p.addSection({
    ...{ name: '.rela.rodata', sh_type: c.SHT_RELA, bytes, sh_addralign: 8, sh_entsize: c.RELA_SIZE },
    ...{ sh_link: p.file.symbols.section, sh_info: p.numberOf('.rodata') },
  });
}

export const SYMBOL_MUTANTS: readonly Mutant[] = [
  ...mutantsOf('plain', 'symbol', SYMBOLS),
  ...mutantsOf('plain', 'duplicate', DUPLICATES),
  ...mutantsOf('plain', 'relocation', RELOCATIONS),
];
