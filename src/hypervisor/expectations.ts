/**
 * What a payload may say of the bytes that it replaces: they are compared before anything is done.
 *
 * `len` has five bits, so it is never more than the 31 bytes there are (that would be EOVERFLOW).
 * Source: livepatch_check_expectations() in xen/common/livepatch.c. Since 4.14.
 */
import type { GuestAccess } from './guest-access.js';
import { readExpectation } from './function-state.js';
import type { FunctionRecord } from './function-state.js';
import type { GuestPayload } from './guest-payload.js';
import { Errno } from './errno.js';
import { functionName } from './trampoline.js';

/** 0, or what the first function that is not as expected makes of it; prints why. `prefix`: `livepatch: `. */
export function checkExpectations(access: GuestAccess, payload: GuestPayload, prefix: string): number {
  const { guest } = access;
  guest.console.print(`${prefix}${payload.name}: Verifying enabled expectations for all functions`);
  for (const { at, record } of payload.functions()) {
    const rc = checkExpectation(access, record, at, prefix);
    if (rc === 0) continue;
    const name = functionName(access, record, 'unknown');
    guest.console.print(`${prefix}${payload.name}: expectations of ${name} failed (rc=${rc}), aborting!`);
    return rc;
  }
  return 0;
}

function checkExpectation(access: GuestAccess, record: FunctionRecord, at: bigint, prefix: string): number {
  const { enabled, len, rsv, data: bytes } = readExpectation(access, at);
  if (!enabled) return 0;
  if (record.oldAddress === 0n) return -Errno.EFAULT;
  if (rsv !== 0) return -Errno.EINVAL;
  if (record.oldSize < len) return -Errno.ERANGE;
  const actual = access.read(record.oldAddress, len, 'comparing with an expectation');
  const expected = bytes.subarray(0, len);
  if (Buffer.compare(actual, expected) === 0) return 0;
  const name = functionName(access, record);
  access.guest.console.print(
    `${prefix}${name}: expectation failed: expected:${hex(expected)}, actual:${hex(actual)}`,
  );
  return -Errno.EINVAL;
}

/** `%*phN`. */
function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
