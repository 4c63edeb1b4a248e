/** Notes: building, parsing, and the malformed. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NT_GNU_BUILD_ID } from '../../../src/elf/constants.js';
import { buildNote, parseNotes } from '../../../src/elf/notes.js';

const buildId = { name: 'GNU', type: NT_GNU_BUILD_ID, desc: Uint8Array.from({ length: 20 }, (_, i) => i) };

describe('notes', () => {
  test('the layout of a build-id: 12 bytes of header, GNU, the id', () => {
    const bytes = buildNote(buildId);
    expect([...bytes.subarray(0, 16)]).toEqual([4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4e, 0x55, 0]);
    expect(bytes).toHaveLength(36);
    expect(parseNotes(bytes)).toEqual({ notes: [buildId], malformedAt: undefined });
  });

  test('several notes follow each other with padding', () => {
    const xen = { name: 'Xen', type: 7, desc: Uint8Array.of(1, 2, 3, 4, 5) };
    const both = Uint8Array.of(...buildNote(xen), ...buildNote(buildId));
    expect(parseNotes(both).notes).toEqual([xen, buildId]);
  });

  test('8-byte alignment, as in .note.gnu.property', () => {
    const bytes = new Uint8Array(48);
    const view = new DataView(bytes.buffer);
    for (const [at, word] of [
      [0, 4],
      [4, 12],
      [8, 5],
      [12, 0x554e47],
      [32, 4],
      [36, 0],
      [40, 5],
      [44, 0x554e47],
    ]) {
      view.setUint32(at, word, true);
    }
    expect(parseNotes(bytes, 8).notes.map((n) => [n.name, n.desc.length])).toEqual([
      ['GNU', 12],
      ['GNU', 0],
    ]);
  });

  test('the padding of the last descriptor may be missing, the descriptor may not', () => {
    const bytes = buildNote({ ...buildId, desc: Uint8Array.of(1, 2, 3, 4, 5) });
    expect(parseNotes(bytes.subarray(0, 21)).notes).toHaveLength(1);
    expect(parseNotes(bytes.subarray(0, 20))).toEqual({ notes: [], malformedAt: 0 });
  });

  test('what does not fit is told with its place', () => {
    const bytes = Uint8Array.of(...buildNote(buildId), 1, 2, 3);
    expect(parseNotes(bytes)).toEqual({ notes: [buildId], malformedAt: 36 });
  });

  test('any note survives, and any bytes are answered', () => {
    const note = fc.record({
      name: fc.string({ unit: fc.constantFrom('a', 'Z', '\xe9'), maxLength: 9 }),
      type: fc.nat(0xffff_ffff),
      desc: fc.uint8Array({ maxLength: 30 }),
    });
    fc.assert(
      fc.property(note, (n) => {
        expect(parseNotes(buildNote(n))).toEqual({ notes: [n], malformedAt: undefined });
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(4, 8), (bytes, alignment) => {
        const { notes, malformedAt } = parseNotes(bytes, alignment);
        expect(notes.length).toBeLessThanOrEqual(bytes.length / 12);
        expect(malformedAt ?? 0).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
