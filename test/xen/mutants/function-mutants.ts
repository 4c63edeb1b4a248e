/** Mutants whose function records, expectations or hooks are broken. */
import * as c from '../../../src/elf/constants.js';
import { HOOK_KINDS } from '../../../src/hypervisor/profiles.js';
import type { Draft, Mutant } from './mutant.js';
import { APPLIED, mutantsOf } from './mutant.js';
import { FUNCS, RECORD, TEXT } from './payload-parts.js';
import type { PayloadEdit } from './payload-edit.js';

/** Records of `plain`: xen_extra_version, xen_minor_version (with an expectation), dump_execstate (endbr64). */
const MINOR = RECORD.size;
const DUMP = 2 * RECORD.size;
/** Relocations of the records: name and new_addr of each in turn. */
const NEW_EXTRA = 1;
const NAME_DUMP = 4;
const NEW_DUMP = 5;

const setting =
  (at: number, width: 1 | 4 | 8, value: number | bigint): Draft[2] =>
  (p) =>
    p.number(FUNCS, at, width, value);

/** NOPs instead of a new function; the function that is there becomes one of the payload's own. */
function nops(p: PayloadEdit, name: 'xen_extra_version' | 'dump_execstate', size: number): PayloadEdit {
  const [relocation, record] = name === 'dump_execstate' ? [NEW_DUMP, DUMP] : [NEW_EXTRA, 0];
  p.renameSymbol(name, 'mutant_new').rela(FUNCS, relocation, 'r_type', c.R_X86_64_NONE);
  return p.number(FUNCS, record + RECORD.new_size, 4, size);
}

const RECORDS: readonly Draft[] = [
  ['size', 'the records are a byte too long', (p) => p.resize(FUNCS, 3 * RECORD.size + 1)],
  [
    'size-v1',
    'the records have the size of version 1',
    (p) => p.section(`.rela${FUNCS}`, 'sh_size', 2 * c.RELA_SIZE).resize(FUNCS, 3 * 64),
  ],
  ['version-0', 'version is 0', setting(RECORD.version, 1, 0)],
  ['version-1', 'version is 1', setting(RECORD.version, 1, 1)],
  ['version-3', 'version is 3', setting(RECORD.version, 1, 3)],
  ['version-255', 'version of the last record is 255', setting(DUMP + RECORD.version, 1, 255)],
  ['old-size-0', 'old_size is 0', setting(RECORD.old_size, 4, 0)],
  ['old-size-4', 'old_size is 4: no room for a jump', setting(RECORD.old_size, 4, 4)],
  ['old-size-5', 'old_size is 5', setting(RECORD.old_size, 4, 5), { then: APPLIED }],
  ['old-size-huge', 'old_size is 2^32 - 1: nobody looks', setting(RECORD.old_size, 4, -1), { then: APPLIED }],
  [
    'old-size-8-endbr',
    'old_size is 8, and the function begins with endbr64',
    setting(DUMP + RECORD.old_size, 4, 8),
  ],
  [
    'version-and-size',
    'version and old_size are wrong: version is told',
    (p) => p.number(FUNCS, RECORD.version, 1, 0).number(FUNCS, RECORD.old_size, 4, 0),
  ],
  ['new-size-0', 'new_size is 0: nobody looks', setting(RECORD.new_size, 4, 0), { then: APPLIED }],
  [
    'name-unknown',
    'the name of a function is the empty string',
    (p) => p.rela(FUNCS, NAME_DUMP, 'r_addend', (a) => a - 1n),
  ],
  [
    'name-other',
    'the name of a function is that of no function',
    (p) => p.rela(FUNCS, NAME_DUMP, 'r_addend', (a) => a + 1n),
  ],
  [
    'name-of-payload',
    'the function is one that a loaded payload brought',
    (p) =>
      p
        .rela(FUNCS, NAME_DUMP, 'r_addend', p.contentsOf('.rodata.str').length)
        .contents('.rodata.str', Buffer.concat([p.contentsOf('.rodata.str'), Buffer.from('mutant_load\0')])),
    { before: [{ payload: 'hooked', applied: false }], then: APPLIED },
  ],
  ['name-replaced-twice', 'two records are of one function', (p) => p.rela(FUNCS, NAME_DUMP, 'r_addend', 0)],
  ['new-far', 'the new function lies 4 GiB away', (p) => p.rela(FUNCS, NEW_EXTRA, 'r_addend', 2 ** 32)],
  [
    'new-far-below',
    'the new function lies 4 GiB below',
    (p) => p.rela(FUNCS, NEW_EXTRA, 'r_addend', -(2 ** 32)),
  ],
  [
    'new-far-nop-size',
    'the new function lies too far, and old_size is too small',
    (p) => p.rela(FUNCS, NEW_EXTRA, 'r_addend', 2 ** 32).number(FUNCS, RECORD.old_size, 4, 1),
  ],
  [
    'new-outside',
    'the new function lies behind the payload: nobody looks',
    (p) => p.rela(FUNCS, NEW_EXTRA, 'r_addend', 2 ** 20),
  ],
  [
    'padding',
    'the rest of a record is not zero: nobody looks',
    (p) => p.number(FUNCS, 33, 8, -1).number(FUNCS, 64, 8, -1),
    { then: APPLIED },
  ],
];

const NOPS: readonly Draft[] = [
  [
    'whole',
    'the old function is filled with NOPs',
    (p) => nops(p, 'xen_extra_version', 12),
    { then: APPLIED },
  ],
  [
    '31',
    '31 NOPs, as many as can be restored',
    (p) => nops(p, 'xen_extra_version', 31).number(FUNCS, RECORD.old_size, 4, 31),
  ],
  [
    '32',
    '32 NOPs, more than can be restored',
    (p) => nops(p, 'xen_extra_version', 32).number(FUNCS, RECORD.old_size, 4, 32),
  ],
  ['more-than-old', 'more NOPs than the old function has bytes', (p) => nops(p, 'xen_extra_version', 13)],
  ['32-and-more', 'more NOPs than both allow: the former is told', (p) => nops(p, 'xen_extra_version', 40)],
  ['none', 'no NOPs', (p) => nops(p, 'xen_extra_version', 0), { then: APPLIED }],
  ['endbr', 'NOPs behind an endbr64', (p) => nops(p, 'dump_execstate', 9), { then: APPLIED }],
  [
    'endbr-alone',
    'NOPs of no length behind an endbr64',
    (p) => nops(p, 'dump_execstate', 4),
    { then: APPLIED },
  ],
];

/** The bit fields of an expectation: enabled, length (5 bits), reserved (2 bits). */
const expecting = (enabled: number, length: number, reserved = 0): Draft[2] =>
  setting(MINOR + RECORD.expect, 1, enabled | (length << 1) | (reserved << 6));

const EXPECTATIONS: readonly Draft[] = [
  [
    'first-byte',
    'the first expected byte differs',
    setting(MINOR + RECORD.expect + 1, 1, 0xb9),
    { then: ['apply'] },
  ],
  [
    'last-byte',
    'the last expected byte differs',
    setting(MINOR + RECORD.expect + 5, 1, 0x90),
    { then: ['apply'] },
  ],
  [
    'shorter',
    'a wrong byte lies behind the expected ones',
    (p) => expecting(1, 1)(p.number(FUNCS, MINOR + RECORD.expect + 2, 1, 0x90)),
    { then: APPLIED },
  ],
  [
    'length-0',
    'nothing is expected',
    (p) => expecting(1, 0)(p.number(FUNCS, MINOR + RECORD.expect + 1, 1, 0x90)),
    { then: APPLIED },
  ],
  [
    'disabled',
    'what is expected differs, but is not asked for',
    (p) => expecting(0, 5)(p.number(FUNCS, MINOR + RECORD.expect + 1, 1, 0x90)),
    { then: APPLIED },
  ],
  [
    'longer-than-old',
    'more is expected than the old function has bytes',
    expecting(1, 11),
    { then: ['apply'] },
  ],
  ['longest', '31 bytes are expected', expecting(1, 31), { then: ['apply'] }],
  ['reserved', 'reserved bits are set', expecting(1, 5, 1), { then: ['apply'] }],
  [
    'reserved-disabled',
    'reserved bits are set, but nothing is expected',
    expecting(0, 5, 3),
    { then: APPLIED },
  ],
  [
    'reserved-and-longer',
    'reserved bits are set, and too much is expected: the former is told',
    expecting(1, 31, 2),
    { then: ['apply'] },
  ],
  [
    'replace',
    'what is expected differs, when all is to be replaced',
    setting(MINOR + RECORD.expect + 1, 1, 0xb9),
    { then: ['replace'] },
  ],
];

const SINGLE = HOOK_KINDS.filter((kind) => kind !== 'load' && kind !== 'unload');
const section = (kind: string): string => `.livepatch.hooks.${kind}`;

const HOOKS: readonly Draft[] = [
  ['nothing', 'nothing: the good payload itself', () => undefined, { then: APPLIED }],
  ['load-ragged', 'the load hooks are no whole number of pointers', (p) => p.resize(section('load'), 20)],
  [
    'load-empty',
    'the load hooks are empty',
    (p) => p.resize(section('load'), 0).section(`.rela${section('load')}`, 'sh_size', 0),
  ],
  [
    'load-one',
    'one load hook',
    (p) => p.section(`.rela${section('load')}`, 'sh_size', c.RELA_SIZE).resize(section('load'), 8),
    { then: APPLIED },
  ],
  [
    'unload-ragged',
    'the unload hooks are no whole number of pointers',
    (p) => p.resize(section('unload'), 9),
  ],
  [
    'unload-two',
    'two unload hooks, the second of which is no hook of theirs',
    (p) => p.rename(section('load'), section('unload')).rename(section('unload'), section('load')),
    { then: APPLIED },
  ],
  ...SINGLE.filter((kind) => kind.length > 6).flatMap((kind): Draft[] => [
    [`${kind}-two`, `two ${kind} hooks`, (p) => p.resize(section(kind), 16)],
    [
      `${kind}-ragged`,
      `the ${kind} hook has 7 bytes`,
      (p) => p.section(`.rela${section(kind)}`, 'sh_size', 0).resize(section(kind), 7),
    ],
    [
      `${kind}-null`,
      `the ${kind} hook is a null pointer: there is none`,
      (p) => p.rela(section(kind), 0, 'r_type', c.R_X86_64_NONE),
      { then: APPLIED },
    ],
  ]),
  [
    'renamed',
    'all hooks have names that no hook has',
    (p) =>
      HOOK_KINDS.filter((k) => k !== 'apply' && k !== 'revert').forEach((kind) =>
        p.rename(section(kind), `.hooks.${kind}`),
      ),
  ],
  [
    'replace',
    'it has hooks that may veto, and shall take the place of all',
    () => undefined,
    { then: ['replace'] },
  ],
  [
    'preapply-vetoes',
    'the preapply hook returns -22',
    (p) => returning(p, 'mutant_preapply', -22),
    { then: ['apply'] },
  ],
  [
    'preapply-vetoes-again',
    'the preapply hook returns -1, twice',
    (p) => returning(p, 'mutant_preapply', -1),
    { then: ['apply', 'apply'] },
  ],
  [
    'postapply-vetoes',
    'the postapply hook returns -22: nobody looks',
    (p) => returning(p, 'mutant_postapply', -22),
    { then: APPLIED },
  ],
  [
    'load-vetoes',
    'a load hook returns -22: nobody looks',
    (p) => returning(p, 'mutant_load', -22),
    { then: APPLIED },
  ],
  ['reapplied', 'nothing: applied twice', () => undefined, { then: ['apply', 'revert', 'apply', 'revert'] }],
  [
    'with-data',
    'it has writable data, so it cannot be applied again',
    (p) => p.section('.livepatch.hooks.load', 'sh_flags', c.SHF_ALLOC | c.SHF_WRITE),
    { then: ['apply', 'revert', 'apply'] },
  ],
];

/** A hook that returns a number at once: mov $number,%eax; ret. */
function returning(p: PayloadEdit, hook: string, number: number): void {
  const at = Number(p.file.symbols.st_value[p.symbolNumber(hook)]);
  // The relocations of what is overwritten would write into it.
  p.file.relas
    .filter(({ target }) => target === p.numberOf(TEXT))
    .forEach(({ r_offset }) =>
      r_offset.forEach((place, k) => {
        if (place >= at && place < at + 8) p.rela(TEXT, k, 'r_type', c.R_X86_64_NONE);
      }),
    );
  p.number(TEXT, at, 1, 0xb8)
    .number(TEXT, at + 1, 4, number)
    .number(TEXT, at + 5, 1, 0xc3);
}

const ACTIONS: readonly Draft[] = [
  ['nothing', 'nothing: the good payload itself', () => undefined, { then: APPLIED }],
  [
    'apply-fails',
    'the apply hook returns -22',
    (p) => returning(p, 'mutant_apply', -22),
    { then: ['apply'] },
  ],
  [
    'apply-fails-oddly',
    'the apply hook returns -125',
    (p) => returning(p, 'mutant_apply', -125),
    { then: ['apply'] },
  ],
  ['apply-two', 'two apply hooks', (p) => p.resize(section('apply'), 16)],
  ['revert-two', 'two revert hooks', (p) => p.resize(section('revert'), 16)],
  [
    'apply-null',
    'the apply hook is a null pointer: there is none',
    (p) => p.rela(section('apply'), 0, 'r_type', c.R_X86_64_NONE),
    { then: APPLIED },
  ],
  [
    'revert-null',
    'the revert hook is a null pointer: there is none',
    (p) => p.rela(section('revert'), 0, 'r_type', c.R_X86_64_NONE),
    { then: APPLIED },
  ],
  ['replace', 'it takes the place of all', () => undefined, { then: ['replace', 'revert'] }],
];

/** Stays applied for ever, so the host is of no use behind it: it comes after all others. */
export const LASTING_MUTANTS: readonly Mutant[] = mutantsOf('actions', 'action', [
  [
    'revert-fails',
    'the revert hook returns -22',
    (p) => returning(p, 'mutant_revert', -22),
    { then: ['apply', 'revert'] },
  ],
]);

export const FUNCTION_MUTANTS: readonly Mutant[] = [
  ...mutantsOf('plain', 'record', RECORDS),
  ...mutantsOf('plain', 'nops', NOPS),
  ...mutantsOf('plain', 'expectation', EXPECTATIONS),
  ...mutantsOf('hooked', 'hook', HOOKS),
  ...mutantsOf('actions', 'action', ACTIONS),
];
