/**
 * Payloads that others of the stack link against. Xen keeps no count of that: it unloads a payload whose functions
 * another one calls, and the next call goes into freed memory.
 */
import type { Diagnostic } from '../../diag/diagnostic.js';
import { diagnostic } from '../../diag/diagnostic.js';
import type { AddressMap, MappedPayload } from '../../atlas/address-map.js';
import type { PayloadReference } from './references.js';

const SHOWN = 5;

/** Warns of each payload below `home` that it, or its records, lead into. */
export function checkDependents(
  map: AddressMap,
  home: MappedPayload,
  references: readonly PayloadReference[],
): Diagnostic[] {
  const replaced = home.payload.functions.map((record) => map.place(record.oldAddress));
  const reached = [...references.map(({ to }) => to), ...replaced];
  return map.payloads.slice(0, home.owner).flatMap((below) => {
    const places = reached.filter((place) => place >= below.start && place < below.end);
    const names = [...new Set(places.map((place) => map.title(place)))].sort();
    if (names.length === 0) return [];
    const rest = names.length - SHOWN;
    return [
      diagnostic('XS632', {
        message: `${below.payload.name} must not be unloaded as long as ${home.payload.name} is there, which uses what it brought`,
        at: { object: below.payload.name },
        notes: [`used: ${names.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${String(rest)} more` : ''}`],
        hint: `unload ${home.payload.name} first; the hypervisor does not refuse the other order, it dies at the next call`,
      }),
    ];
  });
}
