/** Entries of tables, and the code that they describe. */
import { describe, expect, test } from '@jest/globals';
import { SHF_ALLOC, SHF_EXECINSTR } from '../../../../src/elf/constants.js';
import { findHazards } from '../../../../src/validate/hazards/find-hazards.js';
import type { SceneParts, SceneReference } from '../../../support/hazard-scene.js';
import { HazardScene } from '../../../support/hazard-scene.js';

const BODY = ['0f 0b', '8b 07', '90 90 90 90', 'c3'];
const zeros = (count: number): number[] => new Array<number>(count).fill(0);

function found(parts: SceneParts): string[] {
  const scene = new HazardScene()
    .code('f', '31 c0', 'c3')
    .boot('start', 'c3')
    .data('name', '.rodata', [0x61, 0])
    .payload('p', { text: { g: BODY }, ...parts });
  return findHazards(scene.subject()).map(({ code, message }) => `${code}: ${message}`);
}

const distance = (section: string, at: number, to: string, addend = 0): SceneReference => ({
  section,
  at,
  to,
  addend,
  kind: 'distance',
});

describe('alternatives', () => {
  const replacement = {
    name: '.altinstr_replacement',
    bytes: [0x90, 0x90],
    flags: SHF_ALLOC | SHF_EXECINSTR,
  };
  const alternative = (orig: string, repl: string, lengths: readonly number[]): string[] =>
    found({
      text: { g: BODY, replacement: ['90 90'] },
      sections: [replacement, { name: '.altinstructions', bytes: [...zeros(10), ...lengths, 0] }],
      references: [distance('.altinstructions', 0, orig), distance('.altinstructions', 4, repl)],
    });

  test('replace code of the payload by code of the payload', () => {
    expect(alternative('g+4', 'replacement', [2, 2, 2])).toEqual([]);
    expect(alternative('f', 'replacement', [2, 2, 0])).toEqual([
      'XS619: .altinstructions: the alternative is written over f',
    ]);
    expect(alternative('g+4', 'f', [2, 2, 0])).toEqual([
      'XS619: .altinstructions: the alternative is read from f',
    ]);
  });

  test('must not be padded beyond the end of the text', () => {
    // Text ends with `replacement`, at +2.
    expect(alternative('replacement', 'g', [1, 1, 1])).toEqual([]);
    expect(alternative('replacement', 'g', [1, 1, 2])).toEqual([
      'XS619: .altinstructions: the alternative is written over replacement',
    ]);
  });
});

describe('exception entries', () => {
  const exception = (at: string, to: string): string[] =>
    found({
      sections: [{ name: '.ex_table', bytes: zeros(8) }],
      references: [distance('.ex_table', 0, at), distance('.ex_table', 4, to)],
    });

  test('are of code of the payload and go on in code', () => {
    expect(exception('g+2', 'g+8')).toEqual([]);
    expect(exception('g+2', 'f')).toEqual([]);
    expect(exception('f', 'g+8')).toEqual([
      'XS636: .ex_table: the entry for the exception at f is never found: that is not code of the payload',
    ]);
    expect(exception('g+2', 'start')).toEqual([
      'XS619: .ex_table: a fault goes on at start, where no code is',
    ]);
    expect(exception('g+2', 'name')).toHaveLength(1);
  });
});

describe('bug frames', () => {
  /** Field 4 counts from the start of the frame; line 0. */
  const frame = (kind: number, at: string, said: string, bytes: readonly number[] = zeros(8)): string[] => {
    const name = `.bug_frames.${String(kind)}`;
    return found({
      sections: [{ name, bytes }],
      references: [distance(name, 0, at), distance(name, 4, said, 4)],
    });
  };
  const far =
    'XS636: .bug_frames.1: the entry for the WARN() at f is never found: that is not code of the payload';

  test('are of code of the payload', () => {
    expect(frame(2, 'g', 'name')).toEqual([]);
    expect(frame(1, 'f', 'name')).toEqual([far]);
  });

  test('of functions to run lead to code', () => {
    expect(frame(0, 'g', 'f')).toEqual([]);
    expect(frame(0, 'g', 'name')).toEqual([
      'XS619: .bug_frames.0: run_in_exception_handler() calls name, where no code is',
    ]);
  });

  test('of assertions are whole', () => {
    expect(frame(3, 'g', 'name', zeros(16))).toEqual([]);
    expect(frame(3, 'g', 'name')).toEqual([
      'XS636: the frame of an ASSERT() has lost its second half, which holds the message',
    ]);
    const two = [...zeros(8), 1, 0, 0, 0, 0, 0, 0, 0];
    expect(frame(3, 'g', 'name', two)).toHaveLength(1);
  });
});
