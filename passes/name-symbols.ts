/** Reads: resolved-payload. Makes: named-payload. Assumes: every replaced function is bound. Reports: XS408, XS413. */
import { createHash } from 'node:crypto';
import type { SerialPass } from '../src/engine/pass.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import type { Diagnostic, Location } from '../src/diag/diagnostic.js';
import { AtomStatus } from '../src/model/artifacts.js';
import { coldParent } from '../src/model/names.js';
import { atomBytes, atomNameInXen, atomTitle, locateAtom } from '../src/model/object-model.js';
import type { IncludedAtom, NamedPayload, ResolvedPayload } from '../src/model/payload-artifacts.js';
import { UNIQUE_MARK } from '../src/xen/stack.js';

/**
 * Names what the payload brings. Every named symbol becomes visible to later payloads and must be new to the
 * running system, so cold parts and literals get no name, and one that is taken gets a mark.
 */
export const nameSymbols: SerialPass<ResolvedPayload, NamedPayload> = {
  name: 'name-symbols',
  reads: 'resolved-payload',
  makes: 'named-payload',
  run: (payload, ctx) => {
    const { image, stack, wishes } = payload.context;
    const replacedNames = new Map(payload.replaced.map((r) => [r.included, r.name]));
    let mark: string | undefined;
    const unique = (name: string): string => {
      const taken = image.byName.has(name) || stack.some((below) => below.symbols.has(name));
      if (!taken && !wishes.replace) return name;
      mark ??= contentMark(payload);
      return `${name}${UNIQUE_MARK}${mark}`;
    };
    const symbolNames = payload.atoms.map((included, k) => {
      const known = replacedNames.get(k);
      if (known !== undefined) return known;
      const fresh = nameOfBrought(payload, included);
      return fresh === '' ? '' : unique(fresh);
    });
    const before = new Set<string>();
    for (const [k, name] of symbolNames.entries()) {
      if (name.length > LONGEST_NAME) ctx.report(tooLong(payload, payload.atoms[k], name));
      // Functions that two objects replace were refused before.
      if (before.has(name) && !replacedNames.has(k)) ctx.report(sameName(payload, payload.atoms[k], name));
      if (name !== '') before.add(name);
    }
    return { ...payload, kind: 'named-payload', symbolNames };
  },
};

/** The longest symbol name that Xen's symbol table can hold. Source: KSYM_NAME_LEN, xen/include/xen/symbols.h. */
const LONGEST_NAME = 127;

function locate(payload: ResolvedPayload, included: IncludedAtom): Location {
  const { object, patched } = payload.context.objects[included.object];
  return locateAtom(object, patched, patched.atoms[included.atom]);
}

function tooLong(payload: ResolvedPayload, included: IncludedAtom, name: string): Diagnostic {
  return diagnostic('XS408', {
    message: `the symbol name ${name} has ${name.length} characters; the loader takes ${LONGEST_NAME}`,
    at: locate(payload, included),
    hint: 'choose a shorter name in the patch',
  });
}

function sameName(payload: ResolvedPayload, included: IncludedAtom, name: string): Diagnostic {
  return diagnostic('XS413', {
    message: `${name} would be two new symbols of the payload`,
    at: locate(payload, included),
    hint: 'their source files have the same name: give one of the two another name in the patch',
  });
}

/** The name of something new that others may refer to; '' for everything else. */
function nameOfBrought(payload: ResolvedPayload, included: IncludedAtom): string {
  const home = payload.context.objects[included.object];
  const atom = home.patched.atoms[included.atom];
  const status = home.status[atom.index];
  if (atom.name === '' || (status !== AtomStatus.added && status !== AtomStatus.carried)) return '';
  // Pointers to hooks are read by section; a name would only stand in the way of the next payload's.
  const brought = atom.role === 'text' || (atom.kind === 'object' && atom.role !== 'hooks');
  if (!brought || coldParent(atom.name) !== undefined) return '';
  return atomNameInXen(home.object, atom);
}

/** Eight hexadecimal digits that tell this payload's contents from another's. */
function contentMark(payload: ResolvedPayload): string {
  const hash = createHash('sha256');
  for (const included of payload.atoms) {
    const { patched } = payload.context.objects[included.object];
    const atom = patched.atoms[included.atom];
    hash.update(`${atomTitle(patched, atom)}\0${atom.size}\0`).update(atomBytes(patched, atom));
    // What a reference leads to does not stand in the bytes.
    for (const { at, included: to, external, value } of included.refs)
      hash.update(`${at} ${external < 0 ? to : payload.bindings[external].name} ${value}\0`);
  }
  return hash.digest('hex').slice(0, 8);
}
