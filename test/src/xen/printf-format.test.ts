/** Formats read as Xen's vsnprintf reads them: which arguments they take, and which of those are lines. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSourceName, lineWording, readFormat } from '../../../src/xen/printf-format.js';

const taken = (format: string): readonly string[] | undefined => readFormat(format)?.map(({ text }) => text);

/** The wordings of all arguments, `-` for those that are no lines. */
function wordings(format: string): string | undefined {
  const conversions = readFormat(format);
  return conversions?.map((_c, k) => lineWording(conversions, k) ?? '-').join(' ');
}

describe('readFormat', () => {
  test.each([
    ['nothing', []],
    ['100%% sure', []],
    ['%d%%%u', ['%d', '%u']],
    ['%5d|%-5d|%05u|%+d|% d|%#lx', ['%5d', '%-5d', '%05u', '%+d', '% d', '%#lx']],
    ['%hhu %hd %ld %lld %Lu %zu %tx %Zd', ['%hhu', '%hd', '%ld', '%lld', '%Lu', '%zu', '%tx', '%Zd']],
    ['%.3s %.s %8.3x', ['%.3s', '%.s', '%8.3x']],
    ['%*d', ['*', '%*d']],
    ['%.*s', ['*', '%.*s']],
    ['%-*.*s', ['*', '*', '%-*.*s']],
    ['%pv %pd %ps %pS %pp %*ph %pbl', ['%p', '%p', '%p', '%p', '%p', '*', '%*p', '%p']],
    ['%c%i%o%X', ['%c', '%i', '%o', '%X']],
  ])('takes of %j its arguments', (format, expected) => {
    expect(taken(format)).toEqual(expected);
  });

  test.each(['%', '50% more', '%n', '%f', '%y', '%l', '%.', '%*', '%5$d'])(
    'does not understand %j',
    (format) => {
      // A percent sign, a blank flag and a letter may be a conversion by chance, as in "50% more": m is none.
      expect(readFormat(format)).toBeUndefined();
    },
  );

  test('ends on any text', () => {
    const anyText = fc.string({ unit: fc.constantFrom(...Array.from('%*.-+ #0159hlLzdusxpvn:')) });
    fc.assert(
      fc.property(anyText, (format) => {
        const found = readFormat(format);
        expect((found ?? []).length).toBeLessThanOrEqual(format.length);
      }),
    );
  });
});

describe('lineWording', () => {
  test.each([
    ['domain_crash called from %s:%d\n', '- file'],
    ['<G><7>%s:%d:%pv bad %d\n', '- file - -'],
    ['%s:%u: ', '- file'],
    ['%s:%i', '- file'],
    ['%s: %d', '- -'],
    ['%s:%ld', '- -'],
    ['%s:%x', '- -'],
    ['%.8s:%d', '- -'],
    ['%*s:%d', '- - -'],
    ['%d:%d', '- -'],
    [':%d', '-'],
    ['at line %d', 'word'],
    ['line %04u', 'word'],
    ['line %s', '-'],
    ['line: %d', '-'],
    ['deadline %d', '-'],
    ['line %d of %d', 'word -'],
    ['%pv exception %u (ec=%04x) in emulation stub (line %u)\n', '- - - phrase'],
    ['limit %d', '-'],
  ])('finds in %j the lines', (format, expected) => {
    expect(wordings(format)).toBe(expected);
  });

  test('of an argument that is not taken is none', () => {
    expect(lineWording(readFormat('%s:%d') ?? [], 2)).toBeUndefined();
  });
});

test('isSourceName knows what __FILE__ gives', () => {
  for (const name of ['common/domain.c', './include/xen/sched.h', 'arch/x86/entry.S', 'x86_64/a-b.c'])
    expect(isSourceName(name)).toBe(true);
  for (const name of ['', 'dom0', '.c ', 'pci.c:12', 'usage: x.c', 'x.cc'])
    expect(isSourceName(name)).toBe(false);
});
