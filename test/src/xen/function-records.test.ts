/** The records of replaced functions, byte for byte, in both versions. */
import { expect, test } from '@jest/globals';
import { encodeFunctionRecords } from '../../../src/xen/function-records.js';
import { ABIS } from '../../../src/xen/versions.js';

const RECORDS = [
  { oldAddress: 0xffff82d040200123n, newSize: 0x102, oldSize: 0x304 },
  { oldAddress: 0n, newSize: 9, oldSize: 5 },
];

test.each([
  ['livepatch-v2', 104, 2],
  ['livepatch-v1', 64, 1],
  ['xsplice-v1', 64, 1],
] as const)('%s has records of %i bytes', (name, size, version) => {
  const bytes = encodeFunctionRecords(RECORDS, ABIS[name]);
  expect(bytes).toHaveLength(2 * size);
  const expected = Buffer.alloc(2 * size);
  expected.writeBigUInt64LE(0xffff82d040200123n, 16);
  expected.writeUInt32LE(0x102, 24);
  expected.writeUInt32LE(0x304, 28);
  expected[32] = version;
  expected.writeUInt32LE(9, size + 24);
  expected.writeUInt32LE(5, size + 28);
  expected[size + 32] = version;
  expect(Buffer.from(bytes)).toEqual(expected);
});

test('an expectation is flagged, counted in five bits, and stands behind them', () => {
  const expectation = Uint8Array.from({ length: 31 }, (_, k) => k + 1);
  const [, second] = RECORDS;
  const bytes = encodeFunctionRecords([{ ...RECORDS[0], expectation }, second], ABIS['livepatch-v2']);
  expect([bytes[72], ...bytes.subarray(73, 104)]).toEqual([0x3f, ...expectation]);
  expect([...bytes.subarray(104 + 33)].every((byte) => byte === 0)).toBe(true);
  const old = encodeFunctionRecords([{ ...second, expectation }], ABIS['livepatch-v1']);
  expect(old).toEqual(encodeFunctionRecords([second], ABIS['livepatch-v1']));
});
