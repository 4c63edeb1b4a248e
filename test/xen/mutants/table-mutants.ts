/** Mutants whose bug frames, alternatives, exception table or metadata are broken. */
import * as c from '../../../src/elf/constants.js';
import type { Draft, Mutant } from './mutant.js';
import { APPLIED, mutantsOf } from './mutant.js';
import { ALWAYS, NOT } from './own-payloads.js';
import { ALTERNATIVE, TEXT } from './payload-parts.js';
import type { PayloadEdit } from './payload-edit.js';

const ALTS = '.altinstructions';
const REPLACEMENT = '.altinstr_replacement';
/** Entries of `tables`, in their order. */
const entry = { replaced: 0, kept: 1, twice: 2, again: 3, indirect: 4, moved: 5 } as const;
const WORD = 32;

const alternative =
  (
    which: keyof typeof entry,
    field: 'cpuid' | 'orig_len' | 'repl_len' | 'pad_len',
    value: number,
  ): Draft[2] =>
  (p) =>
    p.number(ALTS, entry[which] * ALTERNATIVE.size + ALTERNATIVE[field], field === 'cpuid' ? 2 : 1, value);

const originOf = (which: keyof typeof entry): number => 2 * entry[which];
const replacementOf = (which: keyof typeof entry): number => 2 * entry[which] + 1;

const FRAMES: readonly Draft[] = [
  ['nothing', 'nothing: the good payload itself', () => undefined, { then: APPLIED }],
  ...[0, 1, 2, 3].map((kind): Draft => [
    `ragged-${String(kind)}`,
    `.bug_frames.${String(kind)} is no whole number of 8 bytes`,
    (p) => p.resize(`.bug_frames.${String(kind)}`, kind === 3 ? 20 : 12),
  ]),
  [
    'empty',
    'there are no assertions',
    (p) => p.resize('.bug_frames.3', 0).section('.rela.bug_frames.3', 'sh_size', 0),
  ],
  [
    'half-assertion',
    'an assertion has 8 bytes: nobody looks',
    (p) => p.section('.bug_frames.3', 'sh_size', 8).section('.rela.bug_frames.3', 'sh_size', 2 * c.RELA_SIZE),
  ],
  [
    'kind-4',
    'bug frames of a kind that does not exist',
    (p) => p.rename('.bug_frames.3', '.bug_frames.4').resize('.bug_frames.3', 17),
  ],
  ['unloaded', 'assertions are not loaded: nobody looks', (p) => p.section('.bug_frames.3', 'sh_flags', 0)],
  [
    'line',
    'a warning in another line',
    (p) => p.rela('.bug_frames.1', 1, 'r_addend', (a) => a + (2n << 24n)),
    { then: APPLIED },
  ],
  [
    'line-high',
    'a warning in line 77 + 128',
    (p) => p.rela('.bug_frames.1', 0, 'r_addend', (a) => a + (1n << 24n)),
    { then: APPLIED },
  ],
];

const EXCEPTIONS: readonly Draft[] = [
  ['ragged', 'the exception table is no whole number of 8 bytes', (p) => p.resize('.ex_table', 20)],
  [
    'empty',
    'the exception table is empty',
    (p) => p.resize('.ex_table', 0).section('.rela.ex_table', 'sh_size', 0),
  ],
  ['renamed', 'the exception table has another name', (p) => p.rename('.ex_table', '.ex_tables')],
  [
    'equal',
    'two exceptions of one instruction',
    (p) =>
      p.rela('.ex_table', 0, 'r_addend', p.file.relas[p.file.relaOf[p.numberOf('.ex_table')]].r_addend[2]),
    { then: APPLIED },
  ],
  [
    'swapped',
    'the exceptions are in the other order',
    (p) => {
      const { r_addend } = p.file.relas[p.file.relaOf[p.numberOf('.ex_table')]];
      p.rela('.ex_table', 0, 'r_addend', r_addend[2]).rela('.ex_table', 2, 'r_addend', r_addend[0]);
    },
    { then: APPLIED },
  ],
];

const ALTERNATIVES: readonly Draft[] = [
  ['ragged', 'the alternatives are no whole number of 14 bytes', (p) => p.resize(ALTS, 6 * 14 + 1)],
  [
    'size-12',
    'the alternatives have the 12 bytes of older hypervisors',
    (p) => p.section(`.rela${ALTS}`, 'sh_size', 0).resize(ALTS, 6 * 12),
  ],
  [
    'empty',
    'there are no alternatives',
    (p) => p.section(`.rela${ALTS}`, 'sh_size', 0).resize(ALTS, 0),
    { then: APPLIED },
  ],
  [
    'empty-without-replacements',
    'there are neither alternatives nor replacements',
    (p) => p.section(`.rela${ALTS}`, 'sh_size', 0).resize(ALTS, 0).rename(REPLACEMENT, '.text.other'),
  ],
  ['no-replacements', 'alternatives without replacements', (p) => p.rename(REPLACEMENT, '.text.other')],
  [
    'origin-below',
    'an alternative of code below the payload',
    (p) => p.rela(ALTS, originOf('replaced'), 'r_addend', -8),
  ],
  [
    'origin-in-xen',
    'an alternative of code of Xen',
    (p) => p.rela(ALTS, originOf('moved'), 'r_sym', p.symbolNumber('printk')),
  ],
  [
    'origin-in-data',
    'an alternative of data',
    (p) => p.rela(ALTS, originOf('moved'), 'r_sym', p.symbolNumber('mutant_pointer')),
  ],
  [
    'origin-past',
    'the end of an alternative lies behind the text',
    (p) => p.rela(ALTS, originOf('replaced'), 'r_addend', textSize(p) - 4),
  ],
  [
    'origin-end',
    'an alternative of the last bytes of the text',
    (p) => p.rela(ALTS, originOf('replaced'), 'r_addend', textSize(p) - 5),
  ],
  ['origin-long', 'an alternative of 255 bytes', alternative('replaced', 'orig_len', 255)],
  [
    'origin-first',
    'the first alternative is right, the last is not',
    (p) => p.rela(ALTS, originOf('moved'), 'r_addend', -1),
  ],
  [
    'replacement-below',
    'a replacement lies before those of the payload',
    (p) => p.rela(ALTS, replacementOf('kept'), 'r_addend', -1),
  ],
  [
    'replacement-past',
    'a replacement ends behind those of the payload',
    (p) => p.rela(ALTS, replacementOf('kept'), 'r_addend', 26),
  ],
  [
    'replacement-long',
    'a replacement is longer than all of the payload',
    alternative('kept', 'repl_len', 31),
  ],
  [
    'replacement-elsewhere',
    'a replacement lies in other code',
    (p) => p.rela(ALTS, replacementOf('kept'), 'r_sym', p.symbolNumber('xen_deny')),
  ],
  [
    'replacement-none',
    'a replacement without bytes: the old ones become a NOP',
    alternative('again', 'repl_len', 0),
  ],
  [
    'both',
    'origin and replacement are wrong: the former is told',
    (p) => p.rela(ALTS, originOf('moved'), 'r_addend', -1).rela(ALTS, replacementOf('moved'), 'r_addend', -1),
  ],
  ['shorter', 'a replacement is shorter than what it replaces', alternative('kept', 'repl_len', 3)],
  [
    'feature-not',
    'the alternative is for processors without what all have',
    alternative('replaced', 'cpuid', NOT | ALWAYS),
    { then: APPLIED },
  ],
  [
    'feature-last',
    'the feature is the last that there is, and no processor has it',
    alternative('replaced', 'cpuid', 21 * WORD - 1),
    { then: APPLIED },
  ],
  [
    'feature-always',
    'an alternative that was not to be taken is',
    alternative('kept', 'cpuid', ALWAYS),
    { then: APPLIED },
  ],
  ['priv', 'an alternative is marked as made already', (p) => p.number(ALTS, 13, 1, 1), { then: APPLIED }],
  [
    'priv-first',
    'the first of two of one place is marked as made already',
    (p) => p.number(ALTS, entry.twice * 14 + 13, 1, 1).number(ALTS, entry.again * 14 + 13, 1, 1),
    { then: APPLIED },
  ],
  [
    'padding-none',
    'the padding of an alternative is not told',
    alternative('kept', 'pad_len', 0),
    { then: APPLIED },
  ],
  [
    'padding-one',
    'the padding of an alternative is a byte',
    alternative('kept', 'pad_len', 1),
    { then: APPLIED },
  ],
  [
    'padding-long',
    'the padding of an alternative reaches behind the text: nobody looks',
    (p) =>
      p
        .rela(ALTS, originOf('kept'), 'r_addend', textSize(p) - 5)
        .number(ALTS, entry.kept * 14 + ALTERNATIVE.pad_len, 1, 8),
  ],
  [
    'longest',
    'an alternative of 254 bytes with its padding, behind the text',
    (p) =>
      p
        .rela(ALTS, originOf('kept'), 'r_addend', textSize(p) - 5)
        .number(ALTS, entry.kept * 14 + ALTERNATIVE.pad_len, 1, 249),
  ],
  [
    'again-not',
    'the second of two of one place is not taken',
    alternative('again', 'cpuid', NOT | ALWAYS),
    { then: APPLIED },
  ],
  [
    'twice-not',
    'the first of two of one place is not taken',
    alternative('twice', 'cpuid', NOT | ALWAYS),
    { then: APPLIED },
  ],
  [
    'call-feature',
    'a call through a pointer is made direct for a condition: not by the pointer',
    alternative('indirect', 'cpuid', NOT | ALWAYS),
    { then: APPLIED },
  ],
  [
    'call-no-endbr',
    'what is called through a pointer does not begin with endbr64',
    (p) => p.rela('.data', 0, 'r_sym', p.symbolNumber('mutant_target')),
  ],
  [
    'call-null',
    'what is called through a pointer is null',
    (p) => p.rela('.data', 0, 'r_type', c.R_X86_64_NONE),
  ],
];

/** Of code alone, without replacements, which come behind it. */
const textSize = (p: PayloadEdit): number =>
  alignedUp(p.contentsOf(TEXT).length) + p.contentsOf(REPLACEMENT).length;
const alignedUp = (size: number): number => Math.ceil(size / 16) * 16;

const METADATA: readonly Draft[] = [
  ['open', 'the metadata does not end with a zero', (p) => p.number('.modinfo', 23, 1, 0x78)],
  ['one-zero', 'the metadata is a zero', (p) => p.contents('.modinfo', new Uint8Array(1)), { then: APPLIED }],
  ['zeros', 'the metadata has empty strings', (p) => p.resize('.modinfo', 27), { then: APPLIED }],
  ['renamed', 'there is no metadata', (p) => p.rename('.modinfo', '.modinfos'), { then: APPLIED }],
  [
    'reapplied',
    'nothing: it has writable data, so it cannot be applied again',
    () => undefined,
    { then: ['apply', 'revert', 'apply'] },
  ],
  [
    'replace',
    'it has hooks that may veto, and shall take the place of all',
    () => undefined,
    { then: ['replace'] },
  ],
];

export const TABLE_MUTANTS: readonly Mutant[] = [
  ...mutantsOf('tables', 'frame', FRAMES),
  ...mutantsOf('tables', 'exception', EXCEPTIONS),
  ...mutantsOf('tables', 'alternative', ALTERNATIVES),
  ...mutantsOf('tables', 'metadata', METADATA),
];
