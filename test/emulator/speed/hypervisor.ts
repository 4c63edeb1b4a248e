/** Functions of Xen itself under the hypervisor model, for who times the emulator. */
import type { GuestCall } from './guest-program.js';

export interface HypervisorRow {
  readonly name: string;
  readonly what: string;
  readonly call: GuestCall;
}

/** The calls, or why there are none. */
export function hypervisorCalls(): readonly HypervisorRow[] | string {
  return 'Without functions of Xen.';
}
