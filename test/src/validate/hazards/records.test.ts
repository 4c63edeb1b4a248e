/** What records replace, by what, and that they do not write over each other. */
import { describe, expect, test } from '@jest/globals';
import { findHazards } from '../../../../src/validate/hazards/find-hazards.js';
import type { SceneRecord } from '../../../support/hazard-scene.js';
import { HazardScene } from '../../../support/hazard-scene.js';

const BODY = ['55', 'ba 64 00 00 00', '31 c0', '5d', 'c3'];
const ENDBR = 'f3 0f 1e fa';

/** Two functions of 10 bytes, one of 9 behind an endbr64, two of two bytes, a label, boot code, data. */
const running = (): HazardScene =>
  new HazardScene()
    .code('f', ...BODY)
    .code('g', ...BODY)
    .code('marked', ENDBR, '31 c0', '90 90', 'c3')
    .code('tiny', '31 c0')
    .nameless('c3')
    .code('last', '31 c0', '31 c0', 'c3')
    .label('assembly', ...BODY)
    .boot('start', ...BODY)
    .data('limit', '.data', [1, 0, 0, 0, 0, 0, 0, 0]);

const patched = (records: readonly SceneRecord[]): string[] =>
  findHazards(
    running()
      .payload('p', { text: { new_f: BODY, new_g: BODY }, records })
      .subject(),
  ).map(({ code, message }) => `${code}: ${message}`);

describe('old_addr', () => {
  test.each(['f', 'marked', 'last', 'assembly'])('may be the start of a function: %s', (old) => {
    expect(patched([{ old, new: 'new_f' }])).toEqual([]);
  });

  test.each([
    ['f+1', 'f: old_addr leads to f+0x1, the middle of a function'],
    ['start', 'start: old_addr leads to start, in boot memory that is gone when the hypervisor runs'],
    ['limit', 'limit: old_addr leads to limit, in .data: a jump would be written into data'],
    ['new_g', 'new_g: old_addr leads to new_g, which lies in no payload below'],
  ])('must not be %s', (old, message) => {
    expect(patched([{ old, new: 'new_f', oldSize: 10 }])).toEqual([`XS614: ${message}`]);
  });

  test('must not lead where nothing is', () => {
    expect(patched([{ old: '0xffff82d040900000', new: 'new_f', oldSize: 10 }])).toEqual([
      'XS614: 0xffff82d040900000: old_addr leads to 0xffff82d040900000, where nothing is mapped: the hypervisor panics at upload',
    ]);
  });
});

describe('the size of the old function', () => {
  test('must have room for the jump, whatever old_size says', () => {
    expect(patched([{ old: 'tiny', new: 'new_f', oldSize: 5 }])).toEqual([
      'XS615: tiny has 2 bytes, but the jump that replaces it takes 5: tiny+0x2 would be overwritten',
    ]);
  });

  test('leaves room behind an endbr64, but not when the profile knows of none', () => {
    expect(patched([{ old: 'marked', new: 'new_f' }])).toEqual([]);
    const short = new HazardScene().code('short', ENDBR, '31 c0', 'c3').label('next', 'c3');
    const parts = { text: { new_f: BODY }, records: [{ old: 'short', new: 'new_f', oldSize: 9 }] };
    // Padding follows: it may be written over, but old_size is wrong.
    expect(findHazards(short.payload('p', parts).subject()).map((d) => d.code)).toEqual(['XS631']);
  });

  test('may be told too small, but not too large', () => {
    expect(patched([{ old: 'f', new: 'new_f', oldSize: 5 }])).toEqual([]);
    expect(patched([{ old: 'f', new: 'new_f', oldSize: 11 }])).toEqual([
      'XS631: f: old_size is 11, but the function has 10 bytes',
    ]);
  });
});

describe('new_addr', () => {
  test('may be a function of the payload, or of the hypervisor', () => {
    expect(patched([{ old: 'f', new: 'new_g' }])).toEqual([]);
    expect(patched([{ old: 'f', new: 'g' }])).toEqual([]);
  });

  test.each([
    ['new_f+1', 'f: new_addr leads to new_f+0x1, where no function begins'],
    ['f', 'f: new_addr leads to f, the function itself: it would jump to itself for ever'],
    ['limit', 'f: new_addr leads to limit, in .data, which holds no code'],
    ['start', 'f: new_addr leads to start, in boot memory that is gone when the hypervisor runs'],
    ['0xffff82d040900000', 'f: new_addr leads to 0xffff82d040900000, where nothing is'],
  ])('must not be %s', (to, message) => {
    expect(patched([{ old: 'f', new: to }])).toEqual([`XS613: ${message}`]);
  });
});

describe('two records', () => {
  test('of one payload must not patch the same bytes', () => {
    const found = patched([
      { old: 'f', new: 'new_f' },
      { old: 'g', new: 'new_g' },
      { old: 'f', new: 'new_g' },
    ]);
    expect(found).toEqual([
      'XS612: two records patch the same code of f: the second saves what the first wrote, and a revert leaves a jump to memory that is freed',
    ]);
  });

  test('of two payloads may replace a function twice, and the new one of the first', () => {
    const scene = running()
      .payload('lower', { text: { new_f: BODY }, records: [{ old: 'f', new: 'new_f' }] })
      .payload('upper', { text: { newer_f: BODY }, records: [{ old: 'f', new: 'newer_f' }] })
      .payload('top', {
        text: { newest_f: BODY },
        records: [{ old: 'new_f', new: 'newest_f', oldSize: 10 }],
      });
    expect(findHazards(scene.subject()).map((d) => d.code)).toEqual(['XS632']);
  });

  test('of two payloads must not overlap in part', () => {
    const upper = (record: SceneRecord): string[] =>
      findHazards(
        running()
          .payload('lower', { text: { new_f: BODY }, records: [{ old: 'f', new: 'new_f' }] })
          .payload('upper', { records: [record] })
          .subject(),
      )
        .filter(({ code }) => code === 'XS612')
        .map(({ message }) => message);
    expect(upper({ old: 'f+1', newSize: 5, oldSize: 9 })).toEqual([
      'two records patch the same code of f: upper overwrites a part of what lower wrote, and the rest is no instruction',
    ]);
    expect(upper({ old: 'f', newSize: 1 })).toHaveLength(1);
    expect(upper({ old: 'f', newSize: 8 })).toEqual([]);
    expect(upper({ old: 'f+6', newSize: 2, oldSize: 4 })).toEqual([]);
  });
});
