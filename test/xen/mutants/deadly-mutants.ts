/**
 * Mutants that kill the hypervisor: what 4.17 does not check, and should. `make xen-test` leaves them alone, as each
 * costs a host; `node dist/test/xen/run.js xen-deadly-mutants` tries each on a host of its own.
 */
import * as c from '../../../src/elf/constants.js';
import type { Draft, Mutant } from './mutant.js';
import { mutantsOf } from './mutant.js';
import { ALTERNATIVE, DEPENDS, FUNCS, OWN_ID, RECORD, TEXT, XEN_DEPENDS } from './payload-parts.js';

const ALTS = '.altinstructions';
const EXTRA_TEXT = '.text.xen_extra_version';
const WORD = 32;

const PLAIN: readonly Draft[] = [
  [
    'symtab-link-0',
    'sh_link of the symbol table is 0: the null section',
    (p) => p.section('.symtab', 'sh_link', 0),
  ],
  [
    'rela-info-0',
    'sh_info of relocations is 0: the null section',
    (p) => p.section(`.rela${EXTRA_TEXT}`, 'sh_info', 0),
  ],
  ['funcs-unloaded', 'the function records are not loaded', (p) => p.section(FUNCS, 'sh_flags', 0)],
  ['id-unloaded', 'the build-id is not loaded', (p) => p.section(OWN_ID, 'sh_flags', 0)],
  ['depends-unloaded', 'what it depends on is not loaded', (p) => p.section(DEPENDS, 'sh_flags', 0)],
  [
    'xen-depends-unloaded',
    'the hypervisor’s build-id is not loaded',
    (p) => p.section(XEN_DEPENDS, 'sh_flags', 0),
  ],
  ['old-address-1', 'old_addr is 1', (p) => p.number(FUNCS, RECORD.old_addr, 8, 1)],
  [
    'old-address-odd',
    'old_addr is no canonical address',
    (p) => p.number(FUNCS, RECORD.old_addr, 8, 0x8000_0000_0000_0000n),
  ],
  [
    'name-null',
    'the name of a function is a null pointer',
    (p) => p.rela(FUNCS, 0, 'r_type', c.R_X86_64_NONE),
  ],
  [
    'align-0-empty',
    'the last section is empty and its sh_addralign is 0: no memory for all before it',
    (p) =>
      p.addSection({
        name: '.mutant',
        sh_type: c.SHT_PROGBITS,
        sh_flags: c.SHF_ALLOC,
        bytes: new Uint8Array(0),
        sh_addralign: 0,
      }),
  ],
  [
    'size-wraps',
    'sh_offset and sh_size of a constant overflow together',
    (p) => p.section('.rodata', 'sh_size', -BigInt(p.file.sections[p.numberOf('.rodata')].sh_offset)),
  ],
];

const HOOKED: readonly Draft[] = [
  [
    'load-null',
    'a load hook is a null pointer',
    (p) => p.rela('.livepatch.hooks.load', 0, 'r_type', c.R_X86_64_NONE),
    { then: ['apply'] },
  ],
  [
    'load-unloaded',
    'the load hooks are not loaded',
    (p) => p.section('.livepatch.hooks.load', 'sh_flags', 0),
    { then: ['apply'] },
  ],
];

const TABLES: readonly Draft[] = [
  ['modinfo-empty', 'the metadata is empty', (p) => p.resize('.modinfo', 0)],
  ['modinfo-unloaded', 'the metadata is not loaded', (p) => p.section('.modinfo', 'sh_flags', 0)],
  ['alternatives-unloaded', 'the alternatives are not loaded', (p) => p.section(ALTS, 'sh_flags', 0)],
  [
    'replacement-longer',
    'a replacement is longer than what it replaces',
    (p) => p.number(ALTS, ALTERNATIVE.repl_len, 1, 6),
  ],
  [
    'total-255',
    'an alternative of 255 bytes with its padding',
    (p) => p.number(ALTS, ALTERNATIVE.pad_len, 1, 250),
  ],
  [
    'feature-672',
    'the feature is the first that there is not',
    (p) => p.number(ALTS, ALTERNATIVE.cpuid, 2, 21 * WORD),
  ],
  [
    'fault-elsewhere',
    'the exception table knows another instruction',
    (p) => p.rela('.ex_table', 2, 'r_addend', (a) => a + 1n),
    { then: ['apply'] },
  ],
  [
    'bug',
    'the warning is a BUG()',
    (p) => p.rename('.bug_frames.2', '.other').rename('.bug_frames.1', '.bug_frames.2'),
    { then: ['apply'] },
  ],
  [
    'assertion',
    'the fault is an assertion that fails',
    (p) =>
      p.rela(
        '.bug_frames.3',
        0,
        'r_addend',
        p.file.relas[p.file.relaOf[p.numberOf('.ex_table')]].r_addend[2],
      ),
    { then: ['apply'] },
  ],
  [
    'apply-takes-over',
    'the hook takes the place of applying, and applies nothing',
    (p) =>
      p
        .rename('.livepatch.hooks.preapply', '.livepatch.hooks.apply')
        .number(TEXT, at(p, 'mutant_hook'), 4, 0xc3c031),
    { then: ['apply'] },
  ],
];

const at = (p: Parameters<Draft[2]>[0], symbol: string): number =>
  Number(p.file.symbols.st_value[p.symbolNumber(symbol)]);

export const DEADLY_MUTANTS: readonly Mutant[] = [
  ...mutantsOf('plain', 'deadly', PLAIN),
  ...mutantsOf('hooked', 'deadly', HOOKED),
  ...mutantsOf('tables', 'deadly', TABLES),
];
