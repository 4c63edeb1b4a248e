/** Data that payloads bring, and payloads that others rest on. */
import { describe, expect, test } from '@jest/globals';
import { SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE } from '../../../../src/elf/constants.js';
import type { ProfileName } from '../../../../src/hypervisor/profiles.js';
import { findHazards } from '../../../../src/validate/hazards/find-hazards.js';
import type { SceneParts } from '../../../support/hazard-scene.js';
import { HazardScene } from '../../../support/hazard-scene.js';

const WA = SHF_ALLOC | SHF_WRITE;
const BODY = ['ba 64 00 00 00', 'c3'];

function found(parts: SceneParts, profile: ProfileName = '4.17'): string[] {
  const scene = new HazardScene(profile).code('f', ...BODY).payload('p', parts);
  return findHazards(scene.subject()).map(({ code, message }) => `${code}: ${message}`);
}

describe('writable data', () => {
  const counted = { sections: [{ name: '.data', bytes: [1, 2], flags: WA }], safeToReapply: false };
  const said = 'XS633: p cannot be applied again once it was reverted: it has writable data';

  test('keeps a payload from being applied again, where the loader looks', () => {
    expect(found(counted)).toEqual([said]);
    expect(found(counted, '4.7')).toEqual([]);
    expect(found({ ...counted, safeToReapply: true })).toEqual([]);
  });

  test('is listed, but for the records', () => {
    const scene = new HazardScene().code('f', ...BODY).payload('p', counted);
    expect(findHazards(scene.subject())[0].notes).toEqual(['.data: 2 bytes']);
  });
});

describe('per-CPU variables', () => {
  const said = (what: string): string =>
    `XS634: ${what} is a per-CPU variable, of which the running hypervisor makes no copies`;

  test('are told by their section or by their name', () => {
    expect(found({ sections: [{ name: '.bss.percpu', bytes: [0, 0], flags: WA }] })).toEqual([
      said('.bss.percpu'),
    ]);
    const named = (name: string): string[] =>
      found({
        sections: [{ name: '.bss.mine', bytes: [0, 0, 0, 0], flags: WA }],
        symbols: [{ name, section: '.bss.mine', value: 0 }],
      });
    expect(named('per_cpu__depth')).toEqual([said('per_cpu__depth')]);
    expect(named('common/x.c#per_cpu__depth')).toEqual([said('common/x.c#per_cpu__depth')]);
    expect(named('super_cpu__depth')).toEqual([]);
    expect(found({ sections: [{ name: '.bss.percpuish', bytes: [0], flags: WA }] })).toEqual([]);
  });
});

describe('sections', () => {
  const section = (name: string, flags = SHF_ALLOC, profile: ProfileName = '4.17'): string[] =>
    found({ sections: [{ name, bytes: [1, 0, 0, 0], flags }] }, profile).map((line) => line.slice(0, 5));

  test.each([
    '.init.text',
    '.initcall1.init',
    '.data.schedulers',
    '.lockprofile.data',
    '.ctors',
    '.data.param',
  ])('that nobody reads: %s', (name) => {
    expect(section(name)).toEqual(['XS635']);
  });

  test.each(['.rodata', '.discard', '.note.Xen', '.eh_frame', '.livepatch.hooks.load', '.data.read_mostly'])(
    'that are as good as others: %s',
    (name) => {
      expect(section(name)).toEqual([]);
    },
  );

  test('that are empty are of no matter', () => {
    expect(found({ sections: [{ name: '.init.data', bytes: [] }] })).toEqual([]);
  });

  test('for another loader', () => {
    expect(section('.livepatch.hooks.aply')).toEqual(['XS635']);
    expect(section('.livepatch.hooks.preapply', SHF_ALLOC, '4.7')).toEqual(['XS635']);
    expect(section('.xsplice.funcs')).toEqual(['XS635']);
    expect(section('.xsplice.funcs', SHF_ALLOC, 'xsplice-v1')).toEqual([]);
    expect(section('.livepatch.funcs', SHF_ALLOC, 'xsplice-v1')).toEqual(['XS635']);
    expect(section('.text.hot', SHF_ALLOC | SHF_EXECINSTR)).toEqual([]);
  });
});

describe('a payload that another one uses', () => {
  const stack = (upper: SceneParts): string[] => {
    const scene = new HazardScene()
      .code('f', ...BODY)
      .payload('lower', { text: { added: BODY, other: BODY }, records: [{ old: 'f', new: 'added' }] })
      .payload('upper', upper);
    return findHazards(scene.subject()).flatMap(({ code, notes }) => [code, ...notes]);
  };

  test('must not be unloaded', () => {
    expect(stack({ text: { g: ['call other', 'jmp added', 'call other'] } })).toEqual([
      'XS632',
      'used: added, other',
    ]);
    const record = { old: 'added', new: 'g', oldSize: 6 };
    expect(stack({ text: { g: BODY }, records: [record] })).toEqual(['XS632', 'used: added']);
  });

  test('is no such when both replace the same function of the hypervisor', () => {
    expect(stack({ text: { g: ['call f', 'c3'] }, records: [{ old: 'f', new: 'g' }] })).toEqual([]);
  });
});
