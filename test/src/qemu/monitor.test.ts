/** Where the processors of a silent host are. */
import { expect, test } from '@jest/globals';
import { whereabouts } from '../../../src/qemu/monitor.js';

test('is read off what QEMU says of each processor', () => {
  const states = [
    'QEMU 7.2.22 monitor - type help for more information',
    '(qemu) info registers -a',
    'CPU#0',
    'RAX=0000000000000000 RBX=ffff83007ef07fff',
    'RIP=ffff82d040314416 RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1',
    'CPU#1',
    'RIP=ffff82d0402270c4 RFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0',
    '(qemu) ',
  ];
  expect(whereabouts(states.join('\r\n'))).toEqual([
    'CPU 0 at ffff82d040314416, halted',
    'CPU 1 at ffff82d0402270c4',
  ]);
  expect(whereabouts('')).toEqual([]);
});
