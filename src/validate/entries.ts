/**
 * Whether the old functions lead to the new ones, as the processor sees it: sent to the entry of each old function,
 * it must be at the new one after the jump. Of several payloads that replace one function the newest counts.
 */
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { printableName } from '../diag/printable.js';
import type { LoadedFunction, LoadedPayload, LoadedSplice } from '../hypervisor/payload.js';
import type { Host } from './host.js';

/** The jump, and an endbr64 before it. */
const MOST_INSTRUCTIONS = 2;
/** First byte of a conditional jump of 32 bits. SDM vol. 2, Jcc. */
const JCC = 0x0f;

export function checkEntries(host: Host, pathOf: (payload: string) => string): Diagnostic[] {
  const newest = new Map<bigint, { payload: LoadedPayload; replaced: LoadedFunction }>();
  for (const { loaded } of host.patching.lists.applied())
    for (const replaced of loaded.functions) newest.set(replaced.oldAddress, { payload: loaded, replaced });
  const spliced = host.patching.lists.applied().flatMap(({ loaded }) => checkSpliced(host, loaded, pathOf));
  return [
    ...spliced,
    ...[...newest.values()].flatMap(({ payload, replaced }) => {
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
    }),
  ];
}

/** Calls and jumps of callers, one instruction each, and pointers as they are read. */
function checkSpliced(host: Host, payload: LoadedPayload, pathOf: (payload: string) => string): Diagnostic[] {
  return payload.splices.flatMap((splice) => {
    const to = leadsFrom(host, splice);
    if (to === undefined || to === splice.replacement) return [];
    const { machine } = host;
    return [
      diagnostic('XS604', {
        message: `a call of ${printableName(splice.name)} does not get to the new function`,
        at: { object: pathOf(payload.name), symbol: printableName(splice.name) },
        notes: [
          `${machine.describe(splice.address)} leads to ${machine.describe(to)}`,
          `the new function is at 0x${splice.replacement.toString(16)}`,
        ],
      }),
    ];
  });
}

/** Undefined where it depends on more than the place itself. */
function leadsFrom({ machine }: Host, { kind, address, length }: LoadedSplice): bigint | undefined {
  if (kind === 'inPlace') return undefined;
  const bytes = machine.memory.read(address, length);
  if (kind === 'pointer') return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return bytes[0] === JCC ? undefined : machine.follow(address, 1);
}

function leads({ machine }: Host, { oldAddress, newAddress }: LoadedFunction): boolean {
  const counts = Array.from({ length: MOST_INSTRUCTIONS }, (_, k) => k + 1);
  return counts.some((count) => machine.follow(oldAddress, count) === newAddress);
}
