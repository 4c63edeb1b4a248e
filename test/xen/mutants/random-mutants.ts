/**
 * Mutants whose fields have values that nobody chose: they follow from a fixed seed, so that what the hypervisor
 * answers can be recorded. Only such fields whose worst value is refused, or read by nobody.
 */
import * as c from '../../../src/elf/constants.js';
import { EHDR } from '../../support/elf-builder.js';
import { Random } from '../../mutations/random.js';
import type { Draft, Mutant } from './mutant.js';
import { mutantsOf } from './mutant.js';
import { XEN_DEPENDS } from './payload-parts.js';
import type { PayloadEdit } from './payload-edit.js';

const SEED = 41_705;
const ROUNDS = 3;
const CODE = '.text.xen_extra_version';
const CONSTANT = 'mutant_constant';

type Kind = readonly [what: string, rule: string, edit: (p: PayloadEdit, random: Random) => unknown];

const HEADER_FIELDS = [
  'e_type',
  'e_machine',
  'e_version',
  'e_phnum',
  'e_shentsize',
  'e_shnum',
  'EI_OSABI',
] as const;

const KINDS: readonly Kind[] = [
  ...HEADER_FIELDS.map((field): Kind => [
    field,
    `${field} is any`,
    (p, r) => p.header(field, r.below(2 ** (8 * Math.min(EHDR[field][1], 4)))),
  ]),
  ['cut', 'the file ends anywhere', (p, r) => p.cut(r.below(p.file.bytes.length))],
  [
    'headers-first-cut',
    'the headers are whole, the rest ends anywhere',
    (p, r) => {
      const headers = 64 + (p.file.sections.length << 6);
      p.headersFirst().cut(headers + r.below(p.file.bytes.length - headers));
    },
  ],
  [
    'sh_offset',
    'a constant lies anywhere',
    (p, r) => p.section('.rodata', 'sh_offset', r.below(2 * p.file.bytes.length)),
  ],
  [
    'sh_size',
    'a constant has any size',
    (p, r) => p.section('.rodata', 'sh_size', r.below(2 * p.file.bytes.length)),
  ],
  [
    'sh_addralign',
    'a constant has any alignment',
    (p, r) => p.section('.rodata', 'sh_addralign', 1 + r.below(64)),
  ],
  ['sh_type', 'a constant is of any type', (p, r) => p.section('.rodata', 'sh_type', 32 + r.below(2 ** 31))],
  [
    'sh_name',
    'a constant has any name',
    (p, r) => p.section('.rodata', 'sh_name', r.below(2 * p.contentsOf('.shstrtab').length)),
  ],
  [
    'st_shndx',
    'a symbol is defined anywhere',
    (p, r) => p.symbol(CONSTANT, 'st_shndx', 1 + r.below(2 ** (r.below(2) === 0 ? 4 : 16))),
  ],
  [
    'st_name',
    'a symbol has any name',
    (p, r) => p.symbol(CONSTANT, 'st_name', r.below(p.contentsOf('.strtab').length + 20)),
  ],
  ['r_type', 'a relocation is of any type', (p, r) => p.rela(CODE, 0, 'r_type', r.below(64))],
  [
    'r_sym',
    'a relocation is against any symbol',
    (p, r) => p.rela(CODE, 0, 'r_sym', r.below(2 * p.file.symbols.count)),
  ],
  ['r_offset', 'a relocation is anywhere', (p, r) => p.rela(CODE, 0, 'r_offset', r.below(16))],
  [
    'r_addend',
    'a relocation has any addend',
    (p, r) => p.rela(CODE, 0, 'r_addend', r.below(2 ** 33) - 2 ** 32),
  ],
  [
    'note',
    'a bit of the hypervisor’s build-id note is another',
    (p, r) => p.number(XEN_DEPENDS, r.below(36), 1, (b) => b ^ BigInt(1 << r.below(8))),
  ],
  [
    'entsize',
    'sh_entsize of the symbols is any',
    (p, r) => p.section('.symtab', 'sh_entsize', r.below(c.SYM_SIZE)),
  ],
];

const drafts = KINDS.flatMap(([what, rule, edit], k) =>
  Array.from({ length: ROUNDS }, (_, round): Draft => {
    const name = `${what.toLowerCase().replace('_', '-')}-${String(round + 1)}`;
    return [name, rule, (p) => edit(p, new Random(SEED + 100 * k + round))];
  }),
);

export const RANDOM_MUTANTS: readonly Mutant[] = mutantsOf('plain', 'random', drafts);
