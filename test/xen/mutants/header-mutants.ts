/** Mutants whose ELF header, section headers' table or file end is broken: what is checked before anything is read. */
import type { Draft, Mutant } from './mutant.js';
import { APPLIED, mutantsOf } from './mutant.js';

const MEBIBYTE = 2 ** 20;

const HEADER: readonly Draft[] = [
  ['nothing', 'nothing: the good payload itself', () => undefined, { then: APPLIED }],
  ['short', 'the file ends inside the ELF header', (p) => p.cut(63)],
  ['one-byte', 'the file has one byte', (p) => p.cut(1)],
  ['header-alone', 'the file ends behind the ELF header', (p) => p.cut(64)],
  ['magic', 'the file does not begin with \\x7fELF', (p) => p.byte(1, 0x65)],
  ['magic-last', 'the last byte of the magic differs', (p) => p.byte(3, 0)],
  ['class-32', 'EI_CLASS is 1: 32 bits', (p) => p.header('EI_CLASS', 1)],
  ['class-none', 'EI_CLASS is 0', (p) => p.header('EI_CLASS', 0)],
  ['data-big', 'EI_DATA is 2: big endian', (p) => p.header('EI_DATA', 2)],
  ['ident-version', 'EI_VERSION is 2', (p) => p.header('EI_VERSION', 2)],
  ['osabi-linux', 'EI_OSABI is 3: Linux', (p) => p.header('EI_OSABI', 3)],
  ['osabi-freebsd', 'EI_OSABI is 9: FreeBSD, which is allowed', (p) => p.header('EI_OSABI', 9)],
  ['abiversion', 'EI_ABIVERSION is 1', (p) => p.header('EI_ABIVERSION', 1)],
  ['ident-padding', 'the padding of e_ident is not zero: nobody looks', (p) => p.byte(12, 0xff)],
  ['type-exec', 'e_type is ET_EXEC', (p) => p.header('e_type', 2)],
  ['type-dyn', 'e_type is ET_DYN', (p) => p.header('e_type', 3)],
  ['machine-arm', 'e_machine is 183: AArch64', (p) => p.header('e_machine', 183)],
  ['machine-386', 'e_machine is 3, and EI_CLASS is 1', (p) => p.header('e_machine', 3).header('EI_CLASS', 1)],
  ['version', 'e_version is 0', (p) => p.header('e_version', 0)],
  ['phnum', 'there is a program header', (p) => p.header('e_phnum', 1)],
  [
    'phnum-and-machine',
    'two faults: the general one is told',
    (p) => p.header('e_phnum', 1).header('e_machine', 3),
  ],
  [
    'flags',
    'e_flags, e_entry, e_ehsize are odd: nobody looks',
    (p) => p.header('e_flags', 7).header('e_entry', 1).header('e_ehsize', 1),
  ],
  ['shstrndx-none', 'e_shstrndx is 0', (p) => p.header('e_shstrndx', 0)],
  ['shstrndx-past', 'e_shstrndx is e_shnum', (p) => p.header('e_shstrndx', p.file.sections.length)],
  ['shstrndx-xindex', 'e_shstrndx is SHN_XINDEX', (p) => p.header('e_shstrndx', 0xffff)],
  ['shnum-limit', 'e_shnum is 1024', (p) => p.header('e_shnum', 1024)],
  ['shnum-below-limit', 'e_shnum is 1023, the table is shorter', (p) => p.header('e_shnum', 1023)],
  ['shnum-zero', 'e_shnum is 0', (p) => p.header('e_shnum', 0)],
  [
    'shnum-one-more',
    'e_shnum is one more than the file has room for',
    (p) => p.header('e_shnum', (n) => n + 1n),
  ],
  ['shoff-past', 'e_shoff is the size of the file', (p) => p.header('e_shoff', p.file.bytes.length)],
  ['shoff-huge', 'e_shoff is 2^64 - 64', (p) => p.header('e_shoff', -64)],
  ['shoff-late', 'e_shoff is 64 too high', (p) => p.header('e_shoff', (at) => at + 64n)],
  ['shentsize-short', 'e_shentsize is 63', (p) => p.header('e_shentsize', 63)],
  ['shentsize-zero', 'e_shentsize is 0', (p) => p.header('e_shentsize', 0)],
  ['shentsize-double', 'e_shentsize is 128, the headers are not', (p) => p.header('e_shentsize', 128)],
  [
    'shentsize-spread',
    'the section headers lie 80 bytes apart, as e_shentsize says',
    (p) => p.spreadHeaders(80),
    { then: APPLIED },
  ],
  ['too-big', 'the file has more than 2 MiB', (p) => p.pad(2 * MEBIBYTE + 1)],
  ['biggest', 'the file has 2 MiB, the rest of it unused', (p) => p.pad(2 * MEBIBYTE)],
];

const TRUNCATED: readonly Draft[] = [
  ['half', 'half of the file is missing', (p) => p.cut(p.file.bytes.length >> 1)],
  ['last-byte', 'the last byte is missing', (p) => p.cut(p.file.bytes.length - 1)],
  ['last-header', 'the last section header is missing', (p) => p.cut(p.file.bytes.length - 64)],
  [
    'headers-first',
    'nothing: the section headers lie before what they describe',
    (p) => p.headersFirst(),
    { then: APPLIED },
  ],
  [
    'headers-first-byte',
    'the headers are whole, the last byte of the last section is missing',
    (p) => p.headersFirst().cut(p.file.header.e_shoff + (p.file.sections.length << 6) - 8),
  ],
  [
    'headers-first-half',
    'the headers are whole, half of the rest is missing',
    (p) => {
      const headers = 64 + (p.file.sections.length << 6);
      p.headersFirst().cut(headers + ((p.file.bytes.length - headers) >> 1));
    },
  ],
];

export const HEADER_MUTANTS: readonly Mutant[] = [
  ...mutantsOf('plain', 'header', HEADER),
  ...mutantsOf('plain', 'truncated', TRUNCATED),
];
