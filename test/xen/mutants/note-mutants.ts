/** Mutants whose build-id notes are broken: of the payload itself, of what it goes on top of, of the hypervisor. */
import type { Draft, Mutant } from './mutant.js';
import { APPLIED, mutantsOf } from './mutant.js';
import { BUILD_IDS } from './own-payloads.js';
import { buildIdNote, DEPENDS, OWN_ID, XEN_DEPENDS } from './payload-parts.js';

/** Fields of a note: namesz, descsz, type, name, desc. */
const NAMESZ = 0;
const DESCSZ = 4;
const TYPE = 8;
const NAME = 12;

const HUGE = new Uint8Array(300).fill(0x55);

function broken(section: string, key: string): Draft[] {
  return [
    [`${key}-type`, `the type of the note ${section} is 1`, (p) => p.number(section, TYPE, 4, 1)],
    [`${key}-name`, `the name of the note ${section} is not GNU`, (p) => p.number(section, NAME, 1, 0x58)],
    [`${key}-namesz-3`, `namesz of ${section} is 3`, (p) => p.number(section, NAMESZ, 4, 3)],
    [`${key}-descsz-past`, `descsz of ${section} is one too much`, (p) => p.number(section, DESCSZ, 4, 21)],
    [`${key}-descsz-0`, `descsz of ${section} is 0`, (p) => p.number(section, DESCSZ, 4, 0)],
    [
      `${key}-wrap`,
      `namesz and descsz of ${section} overflow together`,
      (p) => p.number(section, DESCSZ, 4, -4),
    ],
    [`${key}-12`, `${section} has 12 bytes`, (p) => p.resize(section, 12)],
    [`${key}-13`, `${section} has 13 bytes`, (p) => p.resize(section, 13)],
  ];
}

const NOTES: readonly Draft[] = [
  ...broken(OWN_ID, 'id'),
  ...broken(DEPENDS, 'depends'),
  ...broken(XEN_DEPENDS, 'xen-depends'),
  [
    'id-namesz-5',
    'namesz of the build-id is 5: what follows the name lies 4 bytes further',
    (p) => p.number(OWN_ID, NAMESZ, 4, 5).number(OWN_ID, DESCSZ, 4, 16),
    { then: APPLIED },
  ],
  [
    'id-namesz-8',
    'the name of the build-id is GNU with zeros',
    (p) =>
      p.contents(
        OWN_ID,
        Uint8Array.from([8, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4e, 0x55, 0, 0, 0, 0, 0, 9, 9, 9, 9]),
      ),
  ],
  ['id-name-longer', 'the name of the build-id is GNUX', (p) => p.number(OWN_ID, NAME + 3, 1, 0x58)],
  ['id-short', 'the build-id has one byte', (p) => p.contents(OWN_ID, buildIdNote(Uint8Array.of(1)))],
  ['id-long', 'the build-id has 300 bytes', (p) => p.contents(OWN_ID, buildIdNote(HUGE))],
  [
    'id-second',
    'a second note follows: nobody looks',
    (p) => p.contents(OWN_ID, Buffer.concat([buildIdNote(BUILD_IDS.plain), buildIdNote(HUGE)])),
  ],
  [
    'id-behind-another',
    'the build-id is the second note',
    (p) =>
      p.contents(
        OWN_ID,
        Buffer.concat([
          Uint8Array.of(4, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0x47, 0x4e, 0x55, 0, 1, 2, 3, 4),
          buildIdNote(BUILD_IDS.plain),
        ]),
      ),
  ],
  [
    'id-progbits',
    'the build-id is in a section of type PROGBITS',
    (p) => p.section(OWN_ID, 'sh_type', 1),
    { then: APPLIED },
  ],
  [
    'depends-other',
    'it depends on a payload that is not there',
    (p) => p.number(DEPENDS, 16, 4, 0xdead),
    { then: ['apply'] },
  ],
  [
    'depends-short',
    'it depends on the first 19 bytes of the hypervisor’s build-id',
    (p) => p.number(DEPENDS, DESCSZ, 4, 19),
    { then: ['apply'] },
  ],
  [
    'depends-other-replace',
    'it depends on a payload that is not there, and shall take the place of all',
    (p) => p.number(DEPENDS, 16, 4, 0xdead),
    { then: ['replace'] },
  ],
  [
    'xen-depends-first',
    'the first byte of the hypervisor’s build-id differs',
    (p) => p.number(XEN_DEPENDS, 16, 1, (b) => b ^ 1n),
  ],
  [
    'xen-depends-last',
    'the last byte of the hypervisor’s build-id differs',
    (p) => p.number(XEN_DEPENDS, 35, 1, (b) => b ^ 1n),
  ],
  [
    'xen-depends-short',
    'the hypervisor’s build-id lacks its last byte',
    (p) => p.number(XEN_DEPENDS, DESCSZ, 4, 19),
  ],
  ['replace', 'nothing: it takes the place of all', () => undefined, { then: ['replace', 'revert'] }],
];

const hooked = (applied: boolean) => ({ before: [{ payload: 'hooked', applied }] as const });
const onHooked: Draft[2] = (p) => p.contents(DEPENDS, buildIdNote(BUILD_IDS.hooked));

const STACKS: readonly Draft[] = [
  [
    'beside',
    'another payload is loaded, but not applied',
    () => undefined,
    { ...hooked(false), then: APPLIED },
  ],
  ['on-top', 'it depends on the payload that is applied', onHooked, { ...hooked(true), then: APPLIED }],
  [
    'on-top-unapplied',
    'it depends on a payload that is loaded, but not applied',
    onHooked,
    { ...hooked(false), then: ['apply'] },
  ],
  [
    'not-on-top',
    'it depends on the hypervisor, and a payload is applied',
    () => undefined,
    { ...hooked(true), then: ['apply'] },
  ],
  [
    'replace-vetoing',
    'what it shall take the place of has hooks that may veto',
    () => undefined,
    { ...hooked(true), then: ['replace'] },
  ],
  [
    'replace-on-top',
    'it depends on what it shall take the place of',
    onHooked,
    { ...hooked(true), then: ['replace'] },
  ],
  [
    'replace-actions',
    'it takes the place of a payload that reverts itself',
    () => undefined,
    { before: [{ payload: 'actions', applied: true }], then: ['replace', 'revert'] },
  ],
  [
    'replace-mismatch',
    'it takes the place of a payload, but does not find the code that it expects',
    (p) => p.number('.livepatch.funcs', 104 + 72 + 1, 1, 0xb9),
    { before: [{ payload: 'actions', applied: true }], then: ['replace'] },
  ],
];

export const NOTE_MUTANTS: readonly Mutant[] = [
  ...mutantsOf('plain', 'note', NOTES),
  ...mutantsOf('plain', 'stack', STACKS),
];
