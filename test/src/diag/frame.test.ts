/** Frames in a window: what is marked is seen, and the mark stands under it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fitFrame, frameOf } from '../../../src/diag/frame.js';

const LINE = 'static int check(struct domain *d, unsigned int cmd) { return d->arch.limit < cmd; }';

describe('a frame', () => {
  test('that fits stays as it is', () => {
    const frame = frameOf(LINE, 12, 8, 3);
    expect(fitFrame(frame, 120)).toEqual(frame);
  });

  test('is cut behind the mark', () => {
    expect(fitFrame(frameOf(LINE, 12, 12, 5), 40)).toEqual([
      '12 | static int check(struct domain *d,…',
      '   |            ^^^^^',
    ]);
  });

  test('is cut before a mark that is far out', () => {
    const at = LINE.indexOf('d->arch') + 1;
    expect(fitFrame(frameOf(LINE, 12, at, 13), 40)).toEqual([
      '12 | …d int cmd) { return d->arch.limit…',
      '   |                      ^^^^^^^^^^^^^',
    ]);
  });

  test('shows the start of a mark that is longer than the window', () => {
    expect(fitFrame(frameOf(LINE, 12, 12, 60), 30)).toEqual([
      '12 | …check(struct domain *d,…',
      '   |  ^^^^^^^^^^^^^^^^^^^^^^^^',
    ]);
  });

  test('without a mark is cut at the end', () => {
    expect(fitFrame(['- 8b 47 10    mov 0x10(%rdi),%eax', '+ ret'], 24)).toEqual([
      '- 8b 47 10    mov 0x10(…',
      '+ ret',
    ]);
  });

  test('of any line shows the first that is marked, in every window', () => {
    const lines = fc.string({ minLength: 1, maxLength: 160, unit: fc.constantFrom('a', 'b', ' ', 'z') });
    fc.assert(
      fc.property(
        lines,
        fc.nat(),
        fc.nat({ max: 40 }),
        fc.integer({ min: 24, max: 200 }),
        (text, at, length, width) => {
          const column = (at % text.length) + 1;
          const [line, mark] = fitFrame(frameOf(text, 7, column, length), width);
          expect(Math.max(line.length, mark.length)).toBeLessThanOrEqual(width);
          expect(line[mark.indexOf('^')]).toBe(text[column - 1]);
        },
      ),
    );
  });
});
