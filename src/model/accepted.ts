/**
 * What the user accepts to lose, thing by thing: `--allow-lost=init:setup_apic`. There is no switch for all of it;
 * a key names one kind of loss and one thing, as the refusal spells it.
 */
import type { Diagnostic } from '../diag/diagnostic.js';
import { AtomStatus } from './artifacts.js';
import type { LostChange } from './lost-changes.js';
import type { ObjectModel } from './object-model.js';

/** The diagnostics of what is lost, accepted ones as warnings; and the keys that were made use of. */
export function acceptLost(
  losses: readonly LostChange[],
  allowed: readonly string[],
  patched: ObjectModel,
  status: Uint8Array,
): { readonly diagnostics: readonly Diagnostic[]; readonly accepted: readonly string[] } {
  const accepted = new Set<string>();
  const diagnostics = losses.map(({ key, found, atom }): Diagnostic => {
    const way = `--allow-lost=${key.includes(' ') ? `'${key}'` : key}`;
    if (!allowed.includes(key)) return { ...found, notes: [...found.notes, `${way} goes on without it`] };
    accepted.add(key);
    // Code without bounds cannot be replaced: accepting its change means leaving it as it is.
    if (atom >= 0 && patched.atoms[atom].kind === 'code') status[atom] = AtomStatus.same;
    return { ...found, severity: 'warning', notes: [...found.notes, `accepted by ${way}`] };
  });
  return { diagnostics, accepted: [...accepted].sort() };
}
