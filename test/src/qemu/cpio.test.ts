/** The archive field by field, after the format's description in Linux's documentation. */
import { expect, test } from '@jest/globals';
import { writeCpio } from '../../../src/qemu/cpio.js';

interface Member {
  readonly name: string;
  readonly mode: number;
  readonly contents: string;
  readonly rdev: readonly [number, number];
}

/** An independent reader: follows the sizes in the headers and demands zero padding to multiples of 4. */
function readCpio(bytes: Uint8Array): readonly Member[] {
  const text = Buffer.from(bytes).toString('latin1');
  const members: Member[] = [];
  let at = 0;
  const take = (length: number): string => text.slice(at, (at += length));
  const pad = (): void => expect(take((4 - (at % 4)) % 4)).toMatch(/^\0*$/);
  while (at < text.length) {
    expect(take(6)).toBe('070701');
    const fields = Array.from({ length: 13 }, () => parseInt(take(8), 16));
    const name = take(fields[11] ?? 0);
    expect(name.endsWith('\0')).toBe(true);
    pad();
    const contents = take(fields[6] ?? 0);
    pad();
    members.push({
      name: name.slice(0, -1),
      mode: fields[1] ?? 0,
      contents,
      rdev: [fields[9] ?? 0, fields[10] ?? 0],
    });
  }
  return members;
}

const FILES = [
  { name: 'dev', mode: 0o040755, contents: new Uint8Array() },
  { name: 'dev/console', mode: 0o020600, contents: new Uint8Array(), device: [5, 1] as const },
  { name: 'init', mode: 0o100755, contents: Buffer.from('#!/bin/sh\n') },
  { name: 'bin/sh', mode: 0o120777, contents: Buffer.from('busybox') },
];

test('every member comes back, and the trailer ends the archive', () => {
  expect(readCpio(writeCpio(FILES))).toEqual([
    { name: 'dev', mode: 0o040755, contents: '', rdev: [0, 0] },
    { name: 'dev/console', mode: 0o020600, contents: '', rdev: [5, 1] },
    { name: 'init', mode: 0o100755, contents: '#!/bin/sh\n', rdev: [0, 0] },
    { name: 'bin/sh', mode: 0o120777, contents: 'busybox', rdev: [0, 0] },
    { name: 'TRAILER!!!', mode: 0, contents: '', rdev: [0, 0] },
  ]);
});

test.each([0, 1, 2, 3, 4, 5])('%i bytes of contents are padded', (length) => {
  const bytes = writeCpio([{ name: 'f', mode: 0o100644, contents: Buffer.alloc(length, 'x') }]);
  expect(bytes.length % 4).toBe(0);
  expect(readCpio(bytes)[0]?.contents).toBe('x'.repeat(length));
});

test('the same members give the same bytes', () => {
  expect(writeCpio(FILES)).toEqual(writeCpio(FILES));
});
