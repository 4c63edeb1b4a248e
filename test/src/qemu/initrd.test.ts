/** What ldd prints, and the directories that an archive needs. */
import { expect, test } from '@jest/globals';
import { parentDirectories, parseLdd } from '../../../src/qemu/initrd.js';

test('libraries are found by name, the loader by its path, the kernel’s own is left out', () => {
  const listing = [
    '\tlinux-vdso.so.1 (0x00007fb79d8a2000)',
    '\tlibxenctrl.so.4.17 => /cache/lib/libxenctrl.so.4.17 (0x00007fb79d869000)',
    '\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007fb79d67b000)',
    '\tlibxencall.so.1 => not found',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007fb79d8a4000)',
    '',
  ].join('\n');
  expect(parseLdd(listing)).toEqual({
    libraries: [
      { name: 'libxenctrl.so.4.17', file: '/cache/lib/libxenctrl.so.4.17' },
      { name: 'libc.so.6', file: '/lib/x86_64-linux-gnu/libc.so.6' },
      { name: '/lib64/ld-linux-x86-64.so.2', file: '/lib64/ld-linux-x86-64.so.2' },
    ],
    missing: ['libxencall.so.1'],
  });
});

test('parents come before what they hold', () => {
  expect(parentDirectories(['init', 'usr/lib/a/x.so', 'bin/sh', 'usr/y'])).toEqual([
    'bin',
    'usr',
    'usr/lib',
    'usr/lib/a',
  ]);
});
