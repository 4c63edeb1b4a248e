/** Mutants whose section headers or string tables are broken: where sections lie, what they are, what they are called. */
import * as c from '../../../src/elf/constants.js';
import type { Draft, Mutant } from './mutant.js';
import { APPLIED, mutantsOf } from './mutant.js';
import type { PayloadEdit } from './payload-edit.js';
import { DEPENDS, FUNCS, OWN_ID, STRINGS, XEN_DEPENDS } from './payload-parts.js';

/** The sh_size with which sh_offset + sh_size comes to `end`, by an overflow. */
const wrapping = (p: PayloadEdit, section: string, end: number): number =>
  end - p.file.sections[p.numberOf(section)].sh_offset;

/** The end with which that is a whole number of symbols: 2^64 leaves 16 when it is divided by their 24 bytes. */
const wholeSymbols = (p: PayloadEdit): number =>
  (p.file.sections[p.numberOf('.symtab')].sh_offset + c.SYM_SIZE - 16) % c.SYM_SIZE;

const EXTRA_TEXT = '.text.xen_extra_version';
const NAMES = '.shstrtab';
const RW = c.SHF_ALLOC | c.SHF_WRITE;
const RX = c.SHF_ALLOC | c.SHF_EXECINSTR;

const EXTENTS: readonly Draft[] = [
  ['offset-in-header', 'sh_offset is 63', (p) => p.section('.rodata', 'sh_offset', 63)],
  [
    'offset-zero',
    'sh_offset of a section without bytes in memory is 0',
    (p) => p.section('.comment', 'sh_offset', 0),
  ],
  [
    'offset-past',
    'sh_offset lies behind the file',
    (p) => p.section('.rodata', 'sh_offset', p.file.bytes.length + 1),
  ],
  [
    'offset-end-empty',
    'an empty section at the end of the file',
    (p) => p.section('.comment', 'sh_offset', p.file.bytes.length).section('.comment', 'sh_size', 0),
  ],
  [
    'size-past',
    'sh_size reaches one byte behind the file',
    (p) =>
      p.section(
        '.comment',
        'sh_size',
        p.file.bytes.length - p.file.sections[p.numberOf('.comment')].sh_offset + 1,
      ),
  ],
  ['size-huge', 'sh_size is 2^40', (p) => p.section('.comment', 'sh_size', 2 ** 40)],
  [
    'nobits-past',
    'a NOBITS section lies behind the file, which is allowed',
    (p) =>
      p.section('.rodata', 'sh_type', c.SHT_NOBITS).section('.rodata', 'sh_offset', p.file.bytes.length * 2),
    { then: APPLIED },
  ],
  [
    'nobits-in-header',
    'sh_offset of a NOBITS section is 0',
    (p) => p.section('.rodata', 'sh_type', c.SHT_NOBITS).section('.rodata', 'sh_offset', 0),
  ],
  [
    'nobits-limit',
    'a NOBITS section of 2 MiB',
    (p) => p.section('.rodata', 'sh_type', c.SHT_NOBITS).section('.rodata', 'sh_size', 2 ** 21),
  ],
  [
    'nobits-too-big',
    'a NOBITS section of 2 MiB and a byte',
    (p) => p.section('.rodata', 'sh_type', c.SHT_NOBITS).section('.rodata', 'sh_size', 2 ** 21 + 1),
  ],
  [
    'nobits-big-unloaded',
    'a big NOBITS section that is not loaded',
    (p) => p.section('.comment', 'sh_type', c.SHT_NOBITS).section('.comment', 'sh_size', 2 ** 30),
  ],
  ['align-3', 'sh_addralign is 3', (p) => p.section('.rodata', 'sh_addralign', 3)],
  [
    'align-6-unloaded',
    'sh_addralign of a section that is not loaded is 6',
    (p) => p.section('.comment', 'sh_addralign', 6),
  ],
  [
    'align-0',
    'sh_addralign of the only section of its kind is 0',
    (p) => p.section('.rodata', 'sh_flags', RW).section('.rodata', 'sh_addralign', 0),
    { then: APPLIED },
  ],
  [
    'align-0-overlap',
    'sh_addralign of the function records is 0: they lie upon the strings',
    (p) => p.section(FUNCS, 'sh_addralign', 0),
  ],
  [
    'align-page',
    'sh_addralign is 8192',
    (p) => p.section('.rodata', 'sh_addralign', 8192),
    { then: APPLIED },
  ],
  ['address', 'sh_addr is no multiple of sh_addralign', (p) => p.section('.rodata', 'sh_addr', 4)],
  ['address-aligned', 'sh_addr is 4096: nobody looks', (p) => p.section('.rodata', 'sh_addr', 4096)],
  [
    'align-0-address',
    'sh_addralign is 0, so any sh_addr goes',
    (p) => p.section('.comment', 'sh_addralign', 0).section('.comment', 'sh_addr', 5),
  ],
  [
    'two-faults',
    'sh_offset and sh_addralign are wrong: the former is told',
    (p) => p.section('.rodata', 'sh_offset', 0).section('.rodata', 'sh_addralign', 3),
  ],
];

const KINDS: readonly Draft[] = [
  ['writable-code', 'code is writable', (p) => p.section(EXTRA_TEXT, 'sh_flags', RX | c.SHF_WRITE)],
  [
    'executable-strings',
    'strings are writable and executable',
    (p) => p.section(STRINGS, 'sh_flags', RX | RW),
  ],
  [
    'executable-data',
    'a constant is executable',
    (p) => p.section('.rodata', 'sh_flags', RX),
    { then: APPLIED },
  ],
  [
    'writable-data',
    'a constant is writable, so the payload cannot be applied again',
    (p) => p.section('.rodata', 'sh_flags', RW),
    { then: ['apply', 'revert', 'apply'] },
  ],
  [
    'writable-records',
    'the function records are writable; it can be applied again',
    (p) => p.section(FUNCS, 'sh_flags', RW),
    { then: ['apply', 'revert', 'apply', 'revert'] },
  ],
  [
    'writable-unloaded',
    'a section is writable and executable, but not loaded',
    (p) => p.section('.comment', 'sh_flags', c.SHF_WRITE | c.SHF_EXECINSTR),
  ],
  [
    'unloaded-code',
    'code is not loaded, and referred to',
    (p) => p.section(EXTRA_TEXT, 'sh_flags', c.SHF_EXECINSTR),
  ],
  [
    'loaded-symtab',
    'the symbol table is loaded',
    (p) => p.section('.symtab', 'sh_flags', c.SHF_ALLOC),
    { then: APPLIED },
  ],
  [
    'type-unknown',
    'the type of a constant is unknown: nobody looks',
    (p) => p.section('.rodata', 'sh_type', 0x6fff0000),
  ],
  ['type-null', 'the type of a section is SHT_NULL', (p) => p.section('.rodata', 'sh_type', 0)],
  ['symtab-gone', 'no section is a symbol table', (p) => p.section('.symtab', 'sh_type', c.SHT_PROGBITS)],
  ['symtab-twice', 'two sections are symbol tables', (p) => p.section('.comment', 'sh_type', c.SHT_SYMTAB)],
  [
    'symtab-dynsym',
    'a second symbol table is of type SHT_DYNSYM: nobody looks',
    (p) => p.section('.comment', 'sh_type', 11),
  ],
  [
    'symtab-link-past',
    'sh_link of the symbol table is e_shnum',
    (p) => p.section('.symtab', 'sh_link', p.file.sections.length),
  ],
  [
    'symtab-link-code',
    'sh_link of the symbol table is code',
    (p) => p.section('.symtab', 'sh_link', p.numberOf(EXTRA_TEXT)),
  ],
  [
    'symtab-link-names',
    'sh_link of the symbol table is the section names',
    (p) => p.section('.symtab', 'sh_link', p.numberOf(NAMES)),
  ],
  ['symtab-empty', 'the symbol table is empty', (p) => p.section('.symtab', 'sh_size', 0)],
  [
    'symtab-null-alone',
    'the symbol table has the null symbol alone',
    (p) => p.section('.symtab', 'sh_size', c.SYM_SIZE),
  ],
  [
    'symtab-ragged',
    'the symbol table is no whole number of records',
    (p) => p.section('.symtab', 'sh_size', (n) => n - 1n),
  ],
  [
    'symtab-entsize-short',
    'sh_entsize of the symbol table is 16',
    (p) => p.section('.symtab', 'sh_entsize', 16),
  ],
  [
    'symtab-entsize-zero',
    'sh_entsize of the symbol table is 0',
    (p) => p.section('.symtab', 'sh_entsize', 0),
  ],
  [
    'symtab-wraps',
    'sh_size of the symbol table overflows, and is one record of that size',
    (p) =>
      p
        .section('.symtab', 'sh_size', wrapping(p, '.symtab', 0))
        .section('.symtab', 'sh_entsize', wrapping(p, '.symtab', 0)),
  ],
  [
    'symtab-many',
    'sh_size of the symbol table overflows, and is more records than memory holds',
    (p) =>
      p
        .section('.symtab', 'sh_size', wrapping(p, '.symtab', wholeSymbols(p)))
        .section('.symtab', 'sh_entsize', 24),
  ],
  [
    'symtab-entsize-spread',
    'symbols lie 32 bytes apart, as sh_entsize says',
    (p) => p.spread('.symtab', 32),
    { then: APPLIED },
  ],
  [
    'group',
    'a section is of type SHT_GROUP: nobody looks',
    (p) => p.section('.comment', 'sh_type', c.SHT_GROUP),
  ],
];

const STRING_TABLES: readonly Draft[] = [
  ['strtab-first', 'the names of symbols do not begin with a zero', (p) => p.number('.strtab', 0, 1, 0x78)],
  [
    'strtab-last',
    'the names of symbols do not end with a zero',
    (p) => p.section('.strtab', 'sh_size', (n) => n - 1n),
  ],
  ['strtab-empty', 'there are no names of symbols', (p) => p.section('.strtab', 'sh_size', 0)],
  [
    'strtab-type',
    'the names of symbols are no SHT_STRTAB',
    (p) => p.section('.strtab', 'sh_type', c.SHT_PROGBITS),
  ],
  ['strtab-one-zero', 'the names of symbols are a single zero', (p) => p.resize('.strtab', 1)],
  ['shstrtab-first', 'the names of sections do not begin with a zero', (p) => p.number(NAMES, 0, 1, 0x78)],
  [
    'shstrtab-last',
    'the names of sections do not end with a zero',
    (p) => p.section(NAMES, 'sh_size', (n) => n - 1n),
  ],
  ['shstrtab-empty', 'there are no names of sections', (p) => p.section(NAMES, 'sh_size', 0)],
  [
    'shstrtab-type',
    'the names of sections are no SHT_STRTAB',
    (p) => p.section(NAMES, 'sh_type', c.SHT_NOTE),
  ],
  [
    'shstrtab-other',
    'e_shstrndx is the names of symbols',
    (p) => p.header('e_shstrndx', p.numberOf('.strtab')),
  ],
  [
    'name-past',
    'sh_name is the size of the names',
    (p) => p.section('.comment', 'sh_name', p.contentsOf(NAMES).length),
  ],
  [
    'name-last',
    'sh_name is the last zero of the names',
    (p) => p.section('.comment', 'sh_name', p.contentsOf(NAMES).length - 1),
  ],
  ['name-huge', 'sh_name is 2^32 - 1', (p) => p.section('.rodata', 'sh_name', -1)],
  [
    'strtab-wraps',
    'sh_size of the names of symbols overflows, and their last byte is a zero of the ELF header',
    (p) => p.section('.strtab', 'sh_size', wrapping(p, '.strtab', 9)),
  ],
  [
    'strtab-wraps-odd',
    'sh_size of the names of symbols overflows, and their last byte is the first of the ELF header',
    (p) => p.section('.strtab', 'sh_size', wrapping(p, '.strtab', 1)),
  ],
  [
    'shstrtab-wraps',
    'sh_size of the names of sections overflows, and their last byte is a zero of the ELF header',
    (p) => p.section(NAMES, 'sh_size', wrapping(p, NAMES, 9)),
  ],
  [
    'both-tables',
    'both string tables are wrong: that of symbols is told',
    (p) => p.number(NAMES, 0, 1, 1).number('.strtab', 0, 1, 1),
  ],
];

const PRESENCE: readonly Draft[] = [
  ...[OWN_ID, DEPENDS, XEN_DEPENDS].flatMap((name): Draft[] => [
    [`${name.slice(1)}-renamed`, `${name} is missing`, (p) => p.rename(name, '.other')],
    [`${name.slice(1)}-empty`, `${name} is empty`, (p) => p.section(name, 'sh_size', 0)],
  ]),
  [
    'all-missing',
    'all three notes are missing: one is told',
    (p) => p.rename(OWN_ID, '.x').rename(DEPENDS, '.y').rename(XEN_DEPENDS, '.z'),
  ],
  ['funcs-renamed', 'there is nothing to patch', (p) => p.rename(FUNCS, '.livepatch.func')],
  [
    'funcs-empty',
    'the function records are empty',
    (p) => p.resize(FUNCS, 0).section('.rela.livepatch.funcs', 'sh_size', 0),
  ],
  [
    'funcs-twice',
    'two sections hold function records: the first counts',
    (p) =>
      p.rename(
        p.addSection({ name: 'x', sh_type: c.SHT_PROGBITS, sh_flags: c.SHF_ALLOC, bytes: new Uint8Array(5) }),
        FUNCS,
      ),
  ],
  ['funcs-twice-first', 'what comes first is not the records', (p) => p.rename('.rodata', FUNCS)],
  [
    'depends-twice',
    'two sections say what it depends on: the first counts',
    (p) => p.rename('.comment', DEPENDS),
    { then: APPLIED },
  ],
  [
    'unknown-hooks',
    'a section is named like a hook that does not exist',
    (p) => p.rename('.rodata', '.livepatch.hooks.other'),
  ],
  ['old-prefix', 'the function records are in .xsplice.funcs', (p) => p.rename(FUNCS, '.xsplice.funcs')],
];

export const SECTION_MUTANTS: readonly Mutant[] = [
  ...mutantsOf('plain', 'section', EXTENTS),
  ...mutantsOf('plain', 'kind', KINDS),
  ...mutantsOf('plain', 'strings', STRING_TABLES),
  ...mutantsOf('plain', 'presence', PRESENCE),
];
