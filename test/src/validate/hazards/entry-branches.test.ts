/** Code that goes around the entry of what is replaced. */
import { describe, expect, test } from '@jest/globals';
import { findHazards } from '../../../../src/validate/hazards/find-hazards.js';
import { HazardScene } from '../../../support/hazard-scene.js';

const BODY = ['ba 64 00 00 00', '31 c0', '31 c9', 'c3'];
const ENDBR = 'f3 0f 1e fa';

/** What is said when f is replaced. */
function replacing(scene: HazardScene, old = 'f'): string[] {
  scene.payload('p', { text: { new_f: BODY }, records: [{ old, new: 'new_f' }] });
  return findHazards(scene.subject()).map(({ code, message }) => `${code}: ${message}`);
}

const torn = (from: string, to: string, does = 'jumps to'): string =>
  `XS617: ${from} ${does} ${to}, into the middle of the jump that replaces it: f (p)`;
const around = (from: string, to: string, does = 'jumps to'): string =>
  `XS630: ${from} ${does} ${to}, into the old body of f, which p replaces: the old code goes on there`;

describe('another function', () => {
  test.each([
    ['call f+1', torn('g', 'f+0x1', 'calls')],
    ['jmp f+4', torn('g', 'f+0x4')],
    ['jne f+2', torn('g', 'f+0x2')],
    ['jmp f+5', around('g', 'f+0x5')],
    ['call f+9', around('g', 'f+0x9', 'calls')],
  ])('must not do: %s', (line, said) => {
    expect(replacing(new HazardScene().code('f', ...BODY).code('g', line, 'c3'))).toEqual([said]);
  });

  test.each(['call f', 'jmp f', 'jmp f+10', 'jmp f+16'])('may do: %s', (line) => {
    expect(replacing(new HazardScene().code('f', ...BODY).code('g', line, 'c3'))).toEqual([]);
  });

  test('may come by 8 bits of distance as well', () => {
    const scene = (short: string): HazardScene => new HazardScene().code('f', ...BODY).code('g', short, 'c3');
    expect(replacing(scene('eb f1'))).toEqual([torn('g', 'f+0x3')]);
    expect(replacing(scene('74 f1'))).toEqual([torn('g', 'f+0x3')]);
    expect(replacing(scene('e3 f1'))).toEqual([torn('g', 'f+0x3')]);
    expect(replacing(scene('eb ee'))).toEqual([]);
  });

  test('may hold bytes that only look like a branch', () => {
    // mov $imm32,%eax whose immediate is eb f1.., and one that ends in e9.
    const scene = new HazardScene().code('f', ...BODY).code('g', 'b8 eb f0 90 90', 'c3');
    expect(replacing(scene)).toEqual([]);
  });

  test('may enter behind an endbr64, where the jump begins', () => {
    const marked = (line: string): HazardScene => new HazardScene().code('f', ENDBR, ...BODY).code('g', line);
    expect(replacing(marked('jmp f+4'))).toEqual([]);
    expect(replacing(marked('jmp f+5'))).toEqual([torn('g', 'f+0x5')]);
    expect(replacing(marked('jmp f+9'))).toEqual([around('g', 'f+0x9')]);
  });

  test('is told once for each function that is replaced, with the rest beneath', () => {
    const scene = new HazardScene()
      .code('f', ...BODY)
      .code('g', 'call f+5', 'call f+7', 'call f+9', 'jmp f+5');
    scene.payload('p', { text: { new_f: BODY }, records: [{ old: 'f', new: 'new_f' }] });
    const [found, ...more] = findHazards(scene.subject());
    expect(more).toEqual([]);
    expect(found.notes).toEqual(['g+0x5 calls f+0x7', 'g+0xa calls f+0x9', 'and 1 more']);
  });
});

describe('what does not run any more', () => {
  test('the body itself may jump where it likes', () => {
    expect(replacing(new HazardScene().code('f', '31 c0', '31 c0', '31 c0', 'jmp f+2'))).toEqual([]);
  });

  test('a cold part may go back, unless somebody else runs it', () => {
    const cold = (more: string): HazardScene =>
      new HazardScene()
        .code('f', ...BODY, 'jne f.cold')
        .code('f.cold', '31 c0', 'jmp f+5')
        .code('g', more, 'c3');
    expect(replacing(cold('31 c0'))).toEqual([]);
    expect(replacing(cold('call f.cold'))).toEqual([around('f.cold+0x2', 'f+0x5')]);
  });

  test('code behind the end of a function, and what that runs, belongs to it', () => {
    const behind = (more: string): HazardScene =>
      new HazardScene()
        .code('f', ...BODY, 'jne f+16')
        .nameless('31 c0', 'jmp f+5')
        .code('g', more, 'c3');
    expect(replacing(behind('31 c0'))).toEqual([]);
    expect(replacing(behind('call f+16'))).toHaveLength(1);
  });

  test('a fixup runs when the code faults that it is for', () => {
    const faults = (at: string): HazardScene =>
      new HazardScene()
        .code('f', ...BODY)
        .code('g', '8b 07', 'c3')
        .nameless('31 c0', 'jmp f+7', '31 c9', 'jmp g+2')
        .exceptions([at, 'g+3'], ['g', 'g+10']);
    expect(replacing(faults('f+5'))).toEqual([]);
    expect(replacing(faults('g'))).toEqual([around('g+0x5', 'f+0x7')]);
  });

  test('parts of parts are followed', () => {
    const chain = (more: string): HazardScene =>
      new HazardScene()
        .code('f', ...BODY, 'jne f.cold')
        .code('f.cold', '31 c0', 'jmp h.cold')
        .code('h.cold', '31 c0', 'jmp f+5')
        .code('g', more, 'c3');
    expect(replacing(chain('31 c0'))).toEqual([]);
    expect(replacing(chain('call f.cold'))).toEqual([around('h.cold+0x2', 'f+0x5')]);
  });

  test('assembly at a label runs', () => {
    const scene = new HazardScene().code('f', ...BODY).label('entry_point', '31 c0', 'jmp f+5');
    expect(replacing(scene)).toEqual([around('entry_point+0x2', 'f+0x5')]);
  });
});

describe('payloads', () => {
  test('code of a lower one may go around what a higher one replaces there', () => {
    const scene = new HazardScene()
      .code('f', ...BODY)
      .payload('lower', { text: { added: BODY, caller: ['call added+5', 'c3'] } })
      .payload('upper', { text: { newer: BODY }, records: [{ old: 'added', new: 'newer', oldSize: 10 }] });
    expect(findHazards(scene.subject()).map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'XS630: caller calls added+0x5, into the old body of added, which upper replaces: the old code goes on there',
      'XS632: lower must not be unloaded as long as upper is there, which uses what it brought',
    ]);
  });
});
