/**
 * Whether the old functions lead to the new ones, as the processor sees it: sent to the entry of each old function,
 * it must be at the new one after the jump. Of several payloads that replace one function the newest counts.
 */
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { printableName } from '../diag/printable.js';
import type { LoadedFunction, LoadedPayload } from '../hypervisor/payload.js';
import type { Host } from './host.js';

/** The jump, and an endbr64 before it. */
const MOST_INSTRUCTIONS = 2;

export function checkEntries(host: Host, pathOf: (payload: string) => string): Diagnostic[] {
  const newest = new Map<bigint, { payload: LoadedPayload; replaced: LoadedFunction }>();
  for (const { loaded } of host.patching.lists.applied())
    for (const replaced of loaded.functions) newest.set(replaced.oldAddress, { payload: loaded, replaced });
  return [...newest.values()].flatMap(({ payload, replaced }) => {
    if (replaced.newAddress === 0n || leads(host, replaced)) return [];
    const { machine } = host;
    return [
      diagnostic(payload.hooks.has('apply') ? 'XS608' : 'XS604', {
        message: `a call of ${printableName(replaced.name)} does not get to the new function`,
        at: { object: pathOf(payload.name), symbol: printableName(replaced.name) },
        notes: [
          `two instructions from its entry ${machine.describe(replaced.oldAddress)} the processor is at ${machine.describe(machine.follow(replaced.oldAddress, MOST_INSTRUCTIONS))}`,
          `the new function is at 0x${replaced.newAddress.toString(16)}`,
        ],
      }),
    ];
  });
}

function leads({ machine }: Host, { oldAddress, newAddress }: LoadedFunction): boolean {
  const counts = Array.from({ length: MOST_INSTRUCTIONS }, (_, k) => k + 1);
  return counts.some((count) => machine.follow(oldAddress, count) === newAddress);
}
