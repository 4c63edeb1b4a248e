/** Where relocations of payloads lead. */
import { describe, expect, test } from '@jest/globals';
import { findHazards } from '../../../../src/validate/hazards/find-hazards.js';
import type { SceneParts } from '../../../support/hazard-scene.js';
import { HazardScene } from '../../../support/hazard-scene.js';

const BODY = ['ba 64 00 00 00', '31 c0', '31 c9', 'c3'];
const WORD = { name: '.rodata.word', bytes: new Array<number>(8).fill(0) };

const running = (): HazardScene =>
  new HazardScene()
    .code('f', ...BODY)
    .code('marked', 'f3 0f 1e fa', ...BODY)
    .code('noreturn.cold', '31 c0', '0f 0b')
    .label('assembly', ...BODY)
    .boot('start', ...BODY)
    .data('boot_table', '.init.data', [0, 0, 0, 0])
    .data('limit', '.data', [1, 0, 0, 0, 0, 0, 0, 0])
    .data('beyond', '.data', [1, 0, 0, 0, 0, 0, 0, 0])
    .exceptions();

function found(parts: SceneParts, scene = running()): string[] {
  return findHazards(scene.payload('p', parts).subject()).map(({ code, message }) => `${code}: ${message}`);
}

/** The payload's only function is one line and a return. */
const doing = (line: string): string[] => found({ text: { g: [line, 'c3'] } });
const pointing = (to: string, symbol?: string): string[] =>
  found({
    sections: [WORD],
    references: [{ section: WORD.name, at: 0, to, kind: 'pointer', ...(symbol !== undefined && { symbol }) }],
  });

describe('branches', () => {
  test.each(['call f', 'jmp f', 'call marked+4', 'call assembly', 'call noreturn.cold', 'jmp g+1'])(
    'may be: %s',
    (line) => {
      expect(doing(line)).toEqual([]);
    },
  );

  test.each([
    ['call f+5', 'XS618: a call of f leads to f+0x5, the middle of a function'],
    ['jmp marked+6', 'XS618: a jump to marked leads to marked+0x6, the middle of a function'],
    ['call limit', 'XS610: a call of limit leads to limit, which is data'],
    ['call start', 'XS611: a call of start leads to start, which the hypervisor discarded after boot'],
    [
      'call 0xffff82d0400f0000',
      'XS610: a call of 0xffff82d0400f0000 leads to 0xffff82d0400f0000, where nothing is',
    ],
  ])('must not be: %s', (line, said) => {
    expect(doing(line)).toEqual([said]);
  });
});

describe('operands', () => {
  test.each([
    'lea rdi limit',
    'lea rdi limit+4',
    'lea rdi limit+8',
    'lea rdi f',
    'lea rdi __stop___ex_table',
  ])('may be: %s', (line) => {
    expect(doing(line)).toEqual([]);
  });

  test('count from the end of their instruction', () => {
    // cmpl $100,limit(%rip), whose immediate stands behind the distance; then with a wrong addend.
    const compared = (addend: number): string[] =>
      found({
        text: { g: ['81 3d 00 00 00 00 64 00 00 00', 'c3'] },
        references: [{ section: '.text.g', at: 2, to: 'boot_table', kind: 'distance', addend }],
      });
    expect(compared(-8)).toEqual([
      'XS611: a reference to boot_table leads to boot_table, which the hypervisor discarded after boot',
    ]);
    expect(compared(-8 + 2)[0]).toContain('boot_table+0x2');
  });

  test('beyond what they name are told', () => {
    expect(doing('lea rdi limit+9')).toEqual([
      'XS637: a reference to limit leads to limit+0x9, beyond limit itself',
    ]);
    expect(doing('lea rdi beyond-8')).toHaveLength(1);
  });
});

describe('pointers', () => {
  test.each(['f', 'limit', 'limit+8', 'assembly', 'f+10'])('may lead to %s', (to) => {
    expect(pointing(to)).toEqual([]);
  });

  test.each([
    ['f+5', 'XS618: a pointer to f leads to f+0x5, the middle of a function'],
    [
      'boot_table',
      'XS611: a pointer to boot_table leads to boot_table, which the hypervisor discarded after boot',
    ],
    ['0x1000', 'XS610: a pointer to 0x1000 leads to 0x1000, where nothing is'],
  ])('must not lead to %s', (to, said) => {
    expect(pointing(to)).toEqual([said]);
  });

  test('of the payload must stay in it', () => {
    const parts = (to: string): SceneParts => ({
      text: { g: BODY },
      sections: [WORD],
      references: [{ section: WORD.name, at: 0, to, symbol: 'g', kind: 'pointer' }],
    });
    expect(found(parts('g+8'))).toEqual([]);
    expect(found(parts('limit'))).toEqual([
      'XS610: a pointer to g leads out of the payload, to limit, though the symbol is its own',
    ]);
  });

  test('must not lead into a payload that comes later', () => {
    const scene = running().payload('p', {
      sections: [WORD],
      references: [{ section: WORD.name, at: 0, to: '0xffff82d040810000', symbol: 'x', kind: 'pointer' }],
    });
    scene.payload('q', { text: { x: BODY } });
    expect(findHazards(scene.subject()).map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'XS610: a pointer to x leads into q, which comes later',
    ]);
  });
});

test('a field lies in a section', () => {
  const at = (place: number): string[] =>
    found({
      sections: [WORD],
      references: [{ section: WORD.name, at: place, to: 'f', kind: 'pointer' }],
    });
  expect(at(0)).toEqual([]);
  expect(at(1)).toEqual([
    'XS610: a relocation against f writes 8 bytes that are in no section of the payload',
  ]);
});

describe('what is replaced', () => {
  const replaced = (line: string, cold: string): string[] =>
    found(
      { text: { new_f: [line, ...BODY] }, records: [{ old: 'f', new: 'new_f' }] },
      new HazardScene().code('f', ...BODY, 'jne f.cold').code('f.cold', '31 c0', cold),
    );

  test('is entered by its start only', () => {
    expect(replaced('call f', 'jmp f+5')).toEqual([]);
    expect(replaced('jne f+7', '0f 0b')).toEqual([
      'XS618: a jump to f leads to f+0x7, the old body of a function that is replaced',
    ]);
  });

  test('keeps its cold part to itself, unless that never returns', () => {
    expect(replaced('jne f.cold', 'jmp f+5')).toEqual([
      'XS618: a jump to f.cold leads to f.cold, a part of the old body of a function that is replaced',
    ]);
    expect(replaced('jne f.cold', '0f 0b')).toEqual([]);
  });
});
