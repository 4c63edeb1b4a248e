/** What is wrong with a tree, or with functions of it, that is not that of the image: the likeliest cause before all numbers. */
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic, Location } from '../diag/diagnostic.js';
import type { BaseCause, BaseProof } from './base-artifacts.js';
import { baseFrame } from './base-frame.js';
import type { BaseExcerpt } from './explain-base.js';
import type { BaseFunction } from './payload-artifacts.js';
import type { FunctionVerdict } from './prove-functions.js';

/** XS431 when anything differs, and what was wrong with the objects. */
export function baseDiagnostics({ image, objects, causes, counts }: BaseProof): Diagnostic[] {
  const ofObjects = objects.flatMap(({ diagnostics }) => diagnostics);
  if (counts.differ === 0) return ofObjects;
  const found = diagnostic('XS431', {
    message: `the tree is not that of ${image}: ${counts.differ} of ${counts.functions} functions differ`,
    at: { object: image },
    notes: causes.map(causeText),
    hint: 'build from exactly the source, .config and compiler of the running hypervisor',
  });
  return [...ofObjects, found];
}

export function causeText({ text, certain }: BaseCause): string {
  return `${certain ? 'cause' : 'likely cause'}: ${text}`;
}

/** A function of which a payload takes for granted how it is, and what the proof came to. */
export interface ToldFunction extends Pick<FunctionVerdict, 'name' | 'verdict' | 'kind' | 'reasons'> {
  readonly role: BaseFunction['role'];
  readonly at: Location;
  /** Both sides, if they can be laid side by side; asked for only when it is shown. */
  readonly excerpt: () => BaseExcerpt | undefined;
}

/** Functions that are shown one by one. */
const MOST_SHOWN = 3;

const HINT =
  'build from exactly the source, .config and compiler of the running hypervisor; check-base compares the whole tree';

/** XS430 for the functions that differ, the first few with both sides, the very first with the likely causes. */
export function differenceDiagnostics(
  image: string,
  functions: readonly ToldFunction[],
  causes: () => readonly BaseCause[],
): Diagnostic[] {
  const differing = functions.filter(({ verdict }) => verdict === 'differs');
  const rest = differing.slice(MOST_SHOWN);
  const found = differing.slice(0, MOST_SHOWN).map(({ name, role, reasons, at, excerpt }, k) => {
    const sides = excerpt();
    const frame = sides === undefined ? [] : baseFrame(sides);
    return diagnostic('XS430', {
      message: `${name}, which is ${role}, is not that of ${image}: ${reasons[0]}`,
      at,
      ...(frame.length > 0 && { frame: ['- as built from the source, + as it runs', ...frame] }),
      notes: k === 0 ? causes().map(causeText) : [],
      hint: HINT,
    });
  });
  if (rest.length === 0) return found;
  const message = `${rest.length} more functions are not those of ${image}: ${rest.map(({ name }) => name).join(', ')}`;
  return [...found, diagnostic('XS430', { message, at: { object: image }, hint: HINT })];
}

const UNCHECKED_HINT = 'compare it yourself, or see what `check-base` says of the whole tree';

/** XS432. */
export function uncheckedDiagnostic({ name, role, reasons, at }: ToldFunction): Diagnostic {
  return diagnostic('XS432', {
    message: `${name}, which is ${role}, could not be proven to be what runs: ${reasons[0]}`,
    at,
    hint: UNCHECKED_HINT,
  });
}

/** XS432 for functions that no object of a whole tree defines. */
export function nowhereDiagnostic(image: string, names: readonly string[]): Diagnostic {
  const many = names.length === 1 ? `${names[0]}, which is` : `${names.length} functions, which are`;
  return diagnostic('XS432', {
    message: `${many} relied on, could not be proven to be what runs: no object of the tree defines ${names.length === 1 ? 'it' : 'them'}`,
    at: { object: image },
    notes: names.length === 1 ? [] : [names.join(', ')],
    hint: UNCHECKED_HINT,
  });
}
