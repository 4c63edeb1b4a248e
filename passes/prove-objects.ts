/** Reads: base-object. Makes: object-proof. Assumes: nothing about the bytes. Reports: XS101, XS102, XS103, XS105. */
import type { ItemPass } from '../src/engine/pass.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import type { Diagnostic } from '../src/diag/diagnostic.js';
import * as c from '../src/elf/constants.js';
import { readElf } from '../src/elf/read.js';
import type { ElfFile } from '../src/elf/read.js';
import type { BaseObject, ObjectProof, UnprovenFunction } from '../src/model/base-artifacts.js';
import { bundleObject } from '../src/model/bundle.js';
import { bareName, coldParent } from '../src/model/names.js';
import { atomNameInXen } from '../src/model/object-model.js';
import type { Atom, Bundles, ObjectModel } from '../src/model/object-model.js';
import { explainBase } from '../src/model/explain-base.js';
import { FunctionProver, isNamedCode } from '../src/model/prove-functions.js';
import type { FunctionVerdict } from '../src/model/prove-functions.js';
import { checkRelocationPlaces } from '../src/model/relocation-places.js';
import { resolveReferences } from '../src/model/references.js';
import { compilersOf } from '../src/xen/linked-image.js';

/**
 * Proves each function of an object that is asked for to stand in the image. Of those that do not, the first few
 * are laid side by side: when an object is of another build there would be hundreds.
 */
export const proveObjects: ItemPass<BaseObject, ObjectProof, ObjectProof> = {
  name: 'prove-objects',
  reads: 'base-object',
  makes: 'object-proof',
  each: ({ object, member, bytes, image, question }, { target }) => {
    const found: Diagnostic[] = [];
    const file = readElf(object, bytes, (problem) => found.push(problem));
    if (file !== undefined && file.header.e_type !== c.ET_REL) found.push(notAnObject(object));
    const wanted = wantedOf(question);
    const usable = file !== undefined && found.length === 0 && mayDefine(file.symbols, wanted);
    const bundles = usable ? bundleObject(file, target) : undefined;
    if (bundles !== undefined) found.push(...checkRelocationPlaces(bundles).slice(0, 1));
    if (file === undefined || bundles === undefined || found.length > 0) {
      const nothing = { proven: [], unproven: [], compilers: [], asserts: false };
      return { next: { object, member, ...nothing, diagnostics: found } };
    }
    const prover = new FunctionProver(bundles, object, image, question.renumbered);
    const verdicts = bundles.atoms
      .filter((atom) => isNamedCode(atom) && isWanted(object, atom, wanted))
      .map((atom) => ({ atom, verdict: prover.prove(atom) }));
    const proven = verdicts.filter(({ verdict }) => verdict.verdict === 'proven');
    const unproven = verdicts.filter(({ verdict }) => verdict.verdict !== 'proven');
    // Where most of an object differs, no single function says why.
    const explain = explainer(
      bundles,
      image,
      unproven.length > Math.max(proven.length, MOST_EXPLAINED) ? 1 : MOST_EXPLAINED,
    );
    return {
      next: {
        object,
        member,
        proven: proven.map(({ verdict }) => verdict.name),
        unproven: unproven.map(({ atom, verdict }): UnprovenFunction => {
          return { ...verdict, object, excerpt: explain(atom, verdict) };
        }),
        compilers: compilersOf(file),
        asserts: file.sections.some(({ name, sh_size }) => name === '.bug_frames.3' && sh_size > 0),
        diagnostics: [],
      },
    };
  },
};

/** Names as Xen's table spells them, and as objects do; undefined for all functions. */
interface Wanted {
  readonly names: ReadonlySet<string>;
  readonly bare: ReadonlySet<string>;
}

function wantedOf({ wanted }: BaseObject['question']): Wanted | undefined {
  if (wanted === null) return undefined;
  return { names: new Set(wanted), bare: new Set(wanted.map(bareName)) };
}

/** Whether it is worth while to look into an object: nearly all of them define nothing that is wanted. */
function mayDefine({ count, names, st_shndx }: ElfFile['symbols'], wanted: Wanted | undefined): boolean {
  if (wanted === undefined) return true;
  for (let i = 1; i < count; i++) if (st_shndx[i] !== c.SHN_UNDEF && wanted.bare.has(names[i])) return true;
  return false;
}

/** A cold part goes with its function: it is always local, where that may be global. */
function isWanted(object: string, atom: Atom, wanted: Wanted | undefined): boolean {
  if (wanted === undefined || wanted.names.has(atomNameInXen(object, atom))) return true;
  const parent = coldParent(atom.name);
  if (parent === undefined || !wanted.bare.has(parent)) return false;
  return wanted.names.has(parent) || wanted.names.has(atomNameInXen(object, { ...atom, name: parent }));
}

/** Functions of one object that are laid side by side. */
const MOST_EXPLAINED = 8;

function explainer(
  bundles: Bundles,
  image: BaseObject['image'],
  most: number,
): (atom: Atom, verdict: FunctionVerdict) => UnprovenFunction['excerpt'] {
  let model: ObjectModel | undefined;
  let left = most;
  return (atom, verdict) => {
    if (verdict.verdict !== 'differs' || verdict.kind === 'missing' || left === 0) return null;
    left -= 1;
    model ??= resolveReferences(bundles);
    return explainBase(model, atom, image, verdict) ?? null;
  };
}

function notAnObject(object: string): Diagnostic {
  return diagnostic('XS102', {
    message: 'the file is no relocatable object',
    at: { object },
    hint: 'give the objects that the compiler wrote, not a linked image',
  });
}
