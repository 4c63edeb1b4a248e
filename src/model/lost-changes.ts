/**
 * Changes that a payload cannot bring into a hypervisor that runs: what was executed at boot, what was
 * initialised at boot, what has no boundary to splice at. Each is refused by name; none is passed over.
 */
import type { Diagnostic, Location } from '../diag/diagnostic.js';
import { diagnostic } from '../diag/diagnostic.js';
import { AtomStatus } from './artifacts.js';
import type { Difference } from './compare.js';
import type { Atom, ObjectModel } from './object-model.js';
import { atomSection, atomTitle, locateAtom } from './object-model.js';

/** The diagnostic for an atom whose change would be lost, or undefined when it is unchanged or can be carried. */
export function lostChange(
  object: string,
  model: ObjectModel,
  atom: Atom,
  status: number,
  difference: Difference | undefined,
): Diagnostic | undefined {
  if (status === AtomStatus.same) return undefined;
  const title = atomTitle(model, atom);
  const at = locateAtom(object, model, atom, difference?.patchedAt);
  const how = status === AtomStatus.added ? 'is new' : `changed: ${difference?.text ?? ''}`;
  switch (atom.role) {
    case 'init-text':
      return diagnostic('XS303', {
        message: `boot code ${title} ${how}; the running hypervisor has executed and discarded it`,
        at,
        hint: 'do what it would have done in a load hook, or leave this part out of the patch',
      });
    case 'init-data':
      return diagnostic('XS304', {
        message: `boot data ${title} ${how}; the running hypervisor has used and discarded it`,
        at,
        hint: 'do what it stands for in a load hook, or leave this part out of the patch',
      });
    case 'percpu':
      return diagnostic('XS306', {
        message: `per-CPU variable ${title} ${how}; per-CPU areas are laid out at boot and cannot grow`,
        at,
        hint: 'use an ordinary variable, for instance an array indexed by smp_processor_id()',
      });
    case 'boot-table':
      return diagnostic('XS307', {
        message: `${title} in ${atomSection(model, atom).name} ${how}; boot code walks this table, a payload cannot extend it`,
        at,
        hint: 'register it in a load hook, or leave this part out of the patch',
      });
    case 'data':
    case 'bss':
    case 'rodata':
      return status === AtomStatus.changed ? changedData(title, difference, at) : undefined;
    case 'text':
      return atom.kind === 'code' ? assembly(title, how, status, at) : undefined;
    default:
      return undefined;
  }
}

/** The same for an atom of the original object that the patched one has not: undefined when nothing is lost. */
export function lostRemoval(object: string, model: ObjectModel, atom: Atom): Diagnostic | undefined {
  if (atom.role !== 'init-text' && atom.role !== 'init-data' && atom.role !== 'boot-table') return undefined;
  const title = atomTitle(model, atom);
  const code = atom.role === 'init-text' ? 'XS303' : atom.role === 'init-data' ? 'XS304' : 'XS307';
  const what =
    atom.role === 'init-text' ? 'boot code' : atom.role === 'init-data' ? 'boot data' : 'boot table entry';
  return diagnostic(code, {
    message: `${what} ${title} is removed; the running hypervisor has done at boot what it stands for`,
    at: locateAtom(object, model, atom),
    hint: 'undo what it did in a load hook, or leave this part out of the patch',
  });
}

function changedData(title: string, difference: Difference | undefined, at: Location): Diagnostic {
  if (difference?.kind === 'size') {
    return diagnostic('XS302', {
      message: `existing data ${title} changed: ${difference.text}; objects that live keep their place and size`,
      at,
      hint: 'keep the object as it is and put what is new into a new one',
    });
  }
  return diagnostic('XS301', {
    message: `the initial value of existing data ${title} changed: ${difference?.text ?? ''}; the running hypervisor keeps the value it has`,
    at,
    hint: 'set the value in a load hook (.livepatch.hooks.load), or introduce a new object with the new value and use that',
  });
}

function assembly(title: string, how: string, status: number, at: Location): Diagnostic | undefined {
  if (status === AtomStatus.added) return undefined;
  return diagnostic('XS305', {
    message: `code at ${title} ${how}; it is assembly without the bounds of a function (no STT_FUNC symbol with a size)`,
    at,
    hint: 'give the function a type and a size in its source (.type NAME, @function; .size NAME, . - NAME), or fix the bug elsewhere',
  });
}
