/** Sections that must be there, hooks, bug frames and metadata, in the releases that differ. */
import { describe, expect, test } from '@jest/globals';
import { hookSectionName, sectionNames } from '../../../../src/hypervisor/loader/required-sections.js';
import { HOOK_KINDS, PROFILES } from '../../../../src/hypervisor/profiles.js';
import type { LoaderProfile } from '../../../../src/hypervisor/profiles.js';
import type { ElfBuilder } from '../../../support/elf-builder.js';
import { patchedSection } from '../../../support/elf-builder.js';
import { sample, sampleGuest } from '../../../support/payload-samples.js';
import type { SampleParts } from '../../../support/payload-samples.js';
import { mustLoad, outcomeOf, refusal } from '../../../support/upload-outcome.js';
import type { Outcome } from '../../../support/upload-outcome.js';

const ALL = Object.values(PROFILES);
const { '4.7': v7, '4.14': v14, '4.17': v17, '4.20': v20 } = PROFILES;

function uploaded(
  profile: LoaderProfile,
  parts: SampleParts,
  add: (b: ElfBuilder) => ElfBuilder = (b) => b,
): Outcome {
  const guest = sampleGuest(profile, true);
  const outcome = outcomeOf(guest, add(sample(guest, parts)).bytes());
  return { ...outcome, said: outcome.said.filter((line) => !isRemark(line)) };
}

/** Lines that only tell how far the loader has come. */
function isRemark(line: string): boolean {
  return /: (Loaded|Symbol|Undefined symbol|Absolute symbol|Resolved|new symbol|overriding|\S+ is missing$)/.test(
    line,
  );
}

describe('a section that must be there', () => {
  const parts = ['buildId', 'depends'] as const;
  const nameOf = (profile: LoaderProfile, part: (typeof parts)[number]): string =>
    part === 'buildId' ? '.note.gnu.build-id' : sectionNames(profile.abi).depends;

  test.each(ALL)('is missed when it is missing or empty: $name', (profile) => {
    const said = (outcome: Outcome): unknown => ('refused' in outcome ? outcome.refused : outcome);
    for (const part of parts) {
      const guest = sampleGuest(profile, true);
      const missing = outcomeOf(guest, sample(guest, { [part]: undefined }).bytes());
      const empty = outcomeOf(guest, sample(guest, { [part]: [] }).bytes());
      expect([said(missing), said(empty)]).toEqual(['EINVAL', 'EINVAL']);
      expect(missing.said).toContain(`livepatch: p: ${nameOf(profile, part)} is missing`);
      expect(empty.said).toContain(`livepatch: p: ${nameOf(profile, part)} is empty`);
    }
  });

  test.each([
    [v17, '.livepatch.xen_depends is missing', '.livepatch.xen_depends is empty'],
    [
      v20,
      'section .livepatch.xen_depends is missing',
      'failed to parse section .livepatch.xen_depends as build-id: -22',
    ],
  ])('is the id of the hypervisor, too: $name', (profile, missing, empty) => {
    const guest = sampleGuest(profile);
    expect(outcomeOf(guest, sample(guest, { xenDepends: undefined }).bytes())).toEqual(
      refusal('EINVAL', missing),
    );
    expect(outcomeOf(guest, sample(guest, { xenDepends: [] }).bytes())).toEqual(refusal('EINVAL', empty));
  });

  test('comes before whatever is wrong with functions', () => {
    const parts = { depends: undefined, funcs: [1] };
    const guest = sampleGuest();
    expect(outcomeOf(guest, sample(guest, parts).bytes())).toEqual(
      refusal('EINVAL', '.livepatch.depends is missing'),
    );
  });
});

describe('something to patch', () => {
  test('is functions up to 4.13', () => {
    expect(
      outcomeOf(sampleGuest('4.7', true), sample(sampleGuest('4.7'), { funcs: undefined }).bytes()).said,
    ).toContain('livepatch: p: .livepatch.funcs is missing');
  });

  test('is functions or a hook of any kind since', () => {
    expect(uploaded(v14, { funcs: undefined })).toEqual(refusal('EINVAL', 'Nothing to patch. Aborting...'));
    expect(uploaded(v14, { funcs: [] })).toEqual(refusal('EINVAL', '.livepatch.funcs is empty'));
    for (const kind of HOOK_KINDS) {
      const name = hookSectionName(v14.abi, kind);
      const hook = (bytes: readonly number[]) => (b: ElfBuilder) => b.section(name, bytes, { align: 8 });
      expect(uploaded(v14, { funcs: undefined }, hook([]))).toEqual(refusal('EINVAL', `${name} is empty`));
      expect(uploaded(v14, { funcs: undefined }, hook(new Array<number>(8).fill(0)))).toHaveProperty(
        'payload',
      );
    }
  });

  test('is what the first section of a name says', () => {
    const twice = (b: ElfBuilder): ElfBuilder => b.section('.livepatch.depends', []);
    expect(uploaded(v17, {}, twice)).toHaveProperty('payload');
  });
});

describe('hooks', () => {
  const pointers = (count: number): number[] => new Array<number>(8 * count).fill(1);
  const hook = (kind: string, bytes: readonly number[]) => (b: ElfBuilder) =>
    b.section(`.livepatch.hooks.${kind}`, bytes, { align: 8 });

  test('of load and unload may be many', () => {
    for (const kind of ['load', 'unload'] as const) {
      const guest = sampleGuest();
      const payload = mustLoad(guest, hook(kind, pointers(3))(sample(guest)).bytes());
      const at = payload.sections.find((s) => s.name === `.livepatch.hooks.${kind}`)?.address;
      expect([...payload.hooks]).toEqual([[kind, { address: at, count: 3 }]]);
    }
  });

  test('of the other kinds are single', () => {
    for (const kind of HOOK_KINDS.slice(2)) {
      expect(uploaded(v17, {}, hook(kind, pointers(1)))).toHaveProperty('payload');
      expect(uploaded(v17, {}, hook(kind, pointers(2)))).toEqual(refusal('EINVAL'));
    }
  });

  test('are whole pointers', () => {
    for (const kind of HOOK_KINDS)
      expect(uploaded(v17, {}, hook(kind, [1, 2, 3]))).toEqual(
        refusal('EINVAL', `Wrong size 3 of .livepatch.hooks.${kind} (must be multiple of 8)`),
      );
  });

  test('are nothing to a release that does not know them', () => {
    const outcome = uploaded(v7, {}, hook('load', [1]));
    expect(outcome).toHaveProperty('payload.hooks.size', 0);
  });

  test('are pointers to nothing where their section is not loaded', () => {
    const guest = sampleGuest();
    const bytes = hook('load', pointers(1))(sample(guest)).bytes();
    const payload = mustLoad(guest, patchedSection(bytes, '.livepatch.hooks.load', 'sh_flags', 0));
    expect(payload.hooks.get('load')).toEqual({ address: 0n, count: 1 });
  });
});

describe('bug frames', () => {
  test('are counted in steps of 8 bytes', () => {
    const guest = sampleGuest();
    const bytes = sample(guest)
      .section('.bug_frames.1', new Array<number>(16).fill(0), { align: 8 })
      .section('.bug_frames.3', new Array<number>(32).fill(0), { align: 8 })
      .bytes();
    const { region, sections } = mustLoad(guest, bytes);
    const at = (name: string): bigint => sections.find((s) => s.name === name)?.address ?? 0n;
    expect(region.bugFrames).toEqual([
      { address: 0n, count: 0 },
      { address: at('.bug_frames.1'), count: 2 },
      { address: 0n, count: 0 },
      { address: at('.bug_frames.3'), count: 4 },
    ]);
  });

  test.each([0, 1, 2, 3])('of kind %i are whole', (kind) => {
    expect(uploaded(v17, {}, (b) => b.section(`.bug_frames.${kind}`, [1, 2, 3, 4]))).toEqual(
      refusal('EINVAL', `Wrong size 4 of .bug_frames.${kind} (must be multiple of 8)`),
    );
  });
});

describe('metadata', () => {
  const modinfo = (bytes: readonly number[]) => (b: ElfBuilder) => b.section('.modinfo', bytes);

  test('is strings that end', () => {
    const guest = sampleGuest();
    const { metadata, sections } = mustLoad(guest, modinfo([0x61, 0])(sample(guest)).bytes());
    expect(metadata).toEqual({ address: sections.find((s) => s.name === '.modinfo')?.address, length: 2 });
    expect(uploaded(v17, {}, modinfo([0, 0x61]))).toEqual(
      refusal('EINVAL', 'Incorrect metadata format detected'),
    );
  });

  test('is nothing to a release before 4.14', () => {
    expect(uploaded(v7, {}, modinfo([0x61]))).toHaveProperty('payload.metadata', undefined);
  });

  test('without a byte is looked at far behind it, where there is nothing', () => {
    expect(uploaded(v17, {}, modinfo([]))).toHaveProperty(
      'died',
      expect.stringMatching(/^page fault: the end of \.modinfo reads 0xffff82d14/),
    );
  });
});
