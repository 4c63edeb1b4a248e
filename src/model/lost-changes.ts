/**
 * Changes that a payload cannot bring into a hypervisor that runs: what was executed at boot, what was
 * initialised at boot, what has no boundary to splice at. Each is refused by name; none is passed over. A user
 * may accept them one by one, by the key that the refusal names.
 */
import type { Diagnostic, Location } from '../diag/diagnostic.js';
import { diagnostic } from '../diag/diagnostic.js';
import { AtomStatus } from './artifacts.js';
import type { CorrelatedPair } from './artifacts.js';
import type { Verdicts } from './changed-constants.js';
import { isLiteral } from './compare.js';
import type { Difference } from './difference.js';
import type { Atom, ObjectModel } from './object-model.js';
import { atomSection, atomTitle, locateAtom } from './object-model.js';

/** A change that would be lost, and the key by which a user may accept that: `init:setup_apic`. */
export interface LostChange {
  readonly key: string;
  readonly found: Diagnostic;
  /** Patched atom that changed, or -1. */
  readonly atom: number;
}

interface Loss {
  readonly kind: string;
  readonly code: 'XS301' | 'XS302' | 'XS303' | 'XS304' | 'XS305' | 'XS306' | 'XS307' | 'XS309';
  readonly message: string;
  readonly notes?: readonly string[];
  readonly hint: string;
}

/** Everything in a pair that a payload would lose, in order of the patched object, then what is gone. */
export function lostAtoms(pair: CorrelatedPair, verdicts: Verdicts): LostChange[] {
  const { object, patched } = pair;
  const changes = patched.atoms.flatMap((atom) => {
    if (verdicts.status[atom.index] === AtomStatus.same) return [];
    const difference = verdicts.differences.get(atom.index);
    const at = locateAtom(object, patched, atom, difference?.patchedAt);
    const loss = lossOf(pair, atom, verdicts);
    return loss === undefined ? [] : [lost(loss, atomTitle(patched, atom), at, atom.index)];
  });
  return [...changes, ...lostRemovals(pair)];
}

function lost({ kind, code, ...said }: Loss, title: string, at: Location, atom: number): LostChange {
  return { key: `${kind}:${title}`, found: diagnostic(code, { ...said, at }), atom };
}

function lossOf(pair: CorrelatedPair, atom: Atom, verdicts: Verdicts): Loss | undefined {
  const status = verdicts.status[atom.index];
  const difference = verdicts.differences.get(atom.index);
  const title = atomTitle(pair.patched, atom);
  const how = status === AtomStatus.added ? 'is new' : `changed: ${difference?.text ?? ''}`;
  switch (atom.role) {
    case 'init-text':
      return {
        kind: 'init',
        code: 'XS303',
        message: `boot code ${title} ${how}; the running hypervisor has executed and discarded it`,
        hint: 'do what it would have done in a load hook, or leave this part out of the patch',
      };
    case 'init-data':
      return {
        kind: 'init-data',
        code: 'XS304',
        message: `boot data ${title} ${how}; the running hypervisor has used and discarded it`,
        hint: 'do what it stands for in a load hook, or leave this part out of the patch',
      };
    case 'percpu':
      return {
        kind: 'percpu',
        code: 'XS306',
        message: `per-CPU variable ${title} ${how}; per-CPU areas are laid out at boot and cannot grow`,
        hint: 'use an ordinary variable, for instance an array indexed by smp_processor_id()',
      };
    case 'boot-table':
      return {
        kind: 'boot-table',
        code: 'XS307',
        message: `${title} in ${atomSection(pair.patched, atom).name} ${how}; boot code walks this table, a payload cannot extend it`,
        hint: 'register it in a load hook, or leave this part out of the patch',
      };
    case 'data':
    case 'bss':
    case 'rodata':
      return status === AtomStatus.changed ? changedData(pair, atom, difference, verdicts) : undefined;
    case 'text':
      return atom.kind === 'code' && status !== AtomStatus.added ? assembly(title, how) : undefined;
    default:
      return undefined;
  }
}

function changedData(
  pair: CorrelatedPair,
  atom: Atom,
  difference: Difference | undefined,
  verdicts: Verdicts,
): Loss {
  const title = atomTitle(pair.patched, atom);
  const text = difference?.text ?? '';
  const users = verdicts.obstacles.get(atom.index) ?? [];
  const notes = users.length === 0 ? [] : [`its users cannot all be replaced: ${listed(users)}`];
  if (difference?.kind === 'section') {
    return {
      kind: 'placement',
      code: 'XS309',
      message: `existing data ${title} changed: ${text}; in the running hypervisor it stays where it is`,
      notes,
      hint: 'introduce a new object for the new use, under a name of its own',
    };
  }
  if (difference?.kind === 'size') {
    return {
      kind: 'size',
      code: 'XS302',
      message: `existing data ${title} changed: ${text}; objects that live keep their place and size`,
      notes,
      hint: 'keep the object as it is and put what is new into a new one',
    };
  }
  if (atom.role === 'rodata') {
    return {
      kind: 'value',
      code: 'XS301',
      message: `the constant ${title} changed: ${text}; not everything that reads it can be replaced, and the old one stays`,
      notes,
      hint: 'introduce a constant with the new contents under a name of its own, and use that',
    };
  }
  return {
    kind: 'value',
    code: 'XS301',
    message: `the initial value of existing data ${title} changed: ${text}; the running hypervisor keeps the value it has`,
    notes,
    hint: 'set the value in a load hook (.livepatch.hooks.load), or introduce a new object with the new value and use that',
  };
}

const SHOWN = 3;

function listed(titles: readonly string[]): string {
  const rest = titles.length - SHOWN;
  return `${titles.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function assembly(title: string, how: string): Loss {
  return {
    kind: 'assembly',
    code: 'XS305',
    message: `code at ${title} ${how}; it is assembly without the bounds of a function (no STT_FUNC symbol with a size)`,
    hint: 'give the function a type and a size in its source (.type NAME, @function; .size NAME, . - NAME), or fix the bug elsewhere',
  };
}

/** What ran or was walked at boot and is no longer there; what moved into the running system is not lost. */
function lostRemovals({ object, orig, patched, correlation }: CorrelatedPair): LostChange[] {
  const names = new Set(patched.atoms.map((atom) => atom.name));
  return orig.atoms.flatMap((atom) => {
    const stays = correlation.toPatched[atom.index] >= 0 || names.has(atom.name);
    if (stays || atom.name === '' || isLiteral(atom)) return [];
    const removal = removalOf(orig, atom);
    return removal === undefined
      ? []
      : [lost(removal, atomTitle(orig, atom), locateAtom(object, orig, atom), -1)];
  });
}

function removalOf(orig: ObjectModel, atom: Atom): Loss | undefined {
  const removed = (what: string): Pick<Loss, 'message' | 'hint'> => ({
    message: `${what} ${atomTitle(orig, atom)} is removed; the running hypervisor has done at boot what it stands for`,
    hint: 'undo what it did in a load hook, or leave this part out of the patch',
  });
  if (atom.role === 'init-text') return { kind: 'init', code: 'XS303', ...removed('boot code') };
  if (atom.role === 'init-data') return { kind: 'init-data', code: 'XS304', ...removed('boot data') };
  if (atom.role === 'boot-table')
    return { kind: 'boot-table', code: 'XS307', ...removed('boot table entry') };
  return undefined;
}
