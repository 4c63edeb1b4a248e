/**
 * Mutants of payloads that are built from Xen's source: its own test payloads and those of the cases. The same edits
 * for each, where it has what they break.
 */
import * as c from '../../../src/elf/constants.js';
import type { Draft, Mutant } from './mutant.js';
import { APPLIED, mutantsOf } from './mutant.js';
import { buildIdNote, DEPENDS, FUNCS, OWN_ID, RECORD, XEN_DEPENDS } from './payload-parts.js';
import { PayloadEdit } from './payload-edit.js';

/** Xen's own (test/livepatch in its source). */
export const OF_XEN = [
  ...['xen_hello_world', 'xen_replace_world', 'xen_nop', 'xen_expectations', 'xen_prepost_hooks'],
  'xen_action_hooks',
] as const;
/** Of the cases beside this folder. */
export const OF_CASES = ['warn-and-fault', 'alternatives', 'hooks', 'two-files'] as const;

/** Applying it would kill the host. */
const DEADLY = new Set<string>(['xen_nop']);
/** It does not let itself be reverted at the first try. */
const STUBBORN = new Set<string>(['xen_prepost_hooks']);

const has =
  (section: string) =>
  (of: string): boolean =>
    SECTIONS[section].includes(of);

/** NOPs at an address that is a number. */
const hasRelocations = (of: string): boolean => of !== 'xen_nop';

/** Which of them have the sections that not all have. */
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  [FUNCS]: [...OF_XEN, 'warn-and-fault', 'alternatives', 'two-files'],
  '.ex_table': ['warn-and-fault', 'alternatives'],
  '.bug_frames.1': ['warn-and-fault'],
  '.altinstructions': ['alternatives'],
};

type Edit = readonly [
  what: string,
  rule: string,
  edit: (p: PayloadEdit) => unknown,
  where?: (of: string) => boolean,
];

const EDITS: readonly Edit[] = [
  ['unknown', 'an undefined symbol that nobody has', (p) => p.addSymbol('mutant_nowhere', c.SHN_UNDEF)],
  [
    '32s',
    'the first relocation is R_X86_64_32S',
    (p) => firstLoaded(p, 'r_type', c.R_X86_64_32S),
    hasRelocations,
  ],
  ['far', 'the first relocation reaches too far', (p) => firstLoaded(p, 'r_addend', 2 ** 40), hasRelocations],
  ['half', 'half of the file is missing', (p) => p.cut(p.file.bytes.length >> 1)],
  ['no-xen-depends', 'the hypervisor’s build-id is missing', (p) => p.rename(XEN_DEPENDS, '.other')],
  ['id-type', 'the build-id note is of another type', (p) => p.number(OWN_ID, 8, 4, 2)],
  ['depends', 'it depends on a payload that is not there', (p) => p.number(DEPENDS, 16, 4, 0xdead)],
  ['version', 'version is 3', (p) => p.number(FUNCS, RECORD.version, 1, 3), has(FUNCS)],
  ['old-size', 'old_size is 0', (p) => p.number(FUNCS, RECORD.old_size, 4, 0), has(FUNCS)],
  [
    'records',
    'a byte follows the function records',
    (p) => p.resize(FUNCS, p.contentsOf(FUNCS).length + 1),
    has(FUNCS),
  ],
  ...['.ex_table', '.bug_frames.1', '.altinstructions'].map((name): Edit => [
    name.slice(1).replaceAll(/[._]/g, '-'),
    `a byte follows ${name}`,
    (p) => p.resize(name, p.contentsOf(name).length + 1),
    has(name),
  ]),
];

/** Changes the first relocation of what is loaded. */
function firstLoaded(p: PayloadEdit, field: 'r_type' | 'r_addend', value: number): void {
  const { sections, relas } = p.file;
  const table = relas.find(
    ({ target, count }) => count > 0 && (sections[target].sh_flags & c.SHF_ALLOC) !== 0,
  );
  if (table === undefined) throw new Error('nothing has relocations');
  const at = sections[table.section].sh_offset + (field === 'r_type' ? 8 : 16);
  const width = field === 'r_type' ? 4 : 8;
  for (let k = 0, rest = BigInt(value); k < width; k++, rest >>= 8n) p.byte(at + k, Number(rest & 0xffn));
}

function draftsFor(of: string): Draft[] {
  const then = [...APPLIED, ...(STUBBORN.has(of) ? (['revert'] as const) : [])];
  const good: Draft = [
    'nothing',
    'nothing: the good payload itself',
    () => undefined,
    DEADLY.has(of) ? {} : { then },
  ];
  const edits = EDITS.filter(([, , , where]) => where === undefined || where(of));
  return [
    good,
    ...edits.map(([what, rule, edit]): Draft => [
      what,
      rule,
      edit,
      what === 'depends' ? { then: ['apply'] } : {},
    ]),
  ];
}

export const FOREIGN_MUTANTS: readonly Mutant[] = [...OF_XEN, ...OF_CASES].flatMap((of) =>
  mutantsOf(of, of.replaceAll('_', '-'), draftsFor(of)),
);

/**
 * A payload that was built for another hypervisor of the same source, as one for the hypervisor with this build-id:
 * the notes that name the other name this one.
 */
export function retargeted(payload: Uint8Array, xen: Uint8Array): Uint8Array {
  const edit = new PayloadEdit(payload);
  for (const section of [DEPENDS, XEN_DEPENDS]) edit.contents(section, buildIdNote(xen));
  return edit.bytes();
}
