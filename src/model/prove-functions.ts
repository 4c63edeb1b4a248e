/**
 * The proof that functions of an object are those of the linked hypervisor: each is looked up by its name, and its
 * bytes, with the relocations applied, must stand there. What follows from a proof is only what it says: the
 * function, the constants and strings that it uses, and whom it refers to; not the functions that it calls.
 */
import { bytesAt, symbolsNamed } from '../xen/linked-image.js';
import type { LinkedImage } from '../xen/linked-image.js';
import { BaseFields } from './base-fields.js';
import type { BaseKind, Finding } from './base-fields.js';
import { atomNameInXen } from './object-model.js';
import type { Atom, Bundles } from './object-model.js';

/** What the proof came to for one function. */
export interface FunctionVerdict {
  /** As Xen's own table spells it. */
  readonly name: string;
  /** `stamped`: proven but for strings that say when, where or by whom it was built. */
  readonly verdict: 'proven' | 'stamped' | 'differs' | 'unchecked';
  /** Of a function that differs the worst that was found. */
  readonly kind: BaseKind | null;
  /** All that was found of that kind, each once; of a function that is not checked, why. */
  readonly reasons: readonly string[];
  /** Bytes of the function in the object. */
  readonly size: number;
  /** Place and size in the image; -1 when it has no such function. */
  readonly place: number;
  /** Bytes of the function in the image; -1 when it has no such function. */
  readonly imageSize: number;
  /** Bytes from the start to the first difference. */
  readonly at: number;
}

export class FunctionProver {
  readonly fields: BaseFields;

  /** `renumbered`: the object was built from other source than the image, so numbers of static locals mean nothing. */
  constructor(
    private readonly bundles: Bundles,
    private readonly object: string,
    private readonly image: LinkedImage,
    renumbered = false,
  ) {
    this.fields = new BaseFields(bundles, object, image, renumbered);
  }

  /** Of several functions of one name in the image it must be one; which, nothing could tell. */
  prove(atom: Atom): FunctionVerdict {
    const name = atomNameInXen(this.object, atom);
    const known = symbolsNamed(this.image, name);
    const found = known.map((k) => this.compareWith(atom, name, k));
    const order = { proven: 0, stamped: 1, unchecked: 2, differs: 3 };
    const [best] = found.sort((a, b) => order[a.verdict] - order[b.verdict]);
    return best ?? verdictOf(atom, name, [MISSING], { place: -1, size: 0 });
  }

  private compareWith(atom: Atom, name: string, k: number): FunctionVerdict {
    const place = this.image.places[k];
    const there = { place, size: this.image.sizes[k] };
    const size = ownSize(this.bundles, atom);
    if (size !== there.size) {
      const text = `it has ${size} bytes in the object, ${there.size} in the image`;
      return verdictOf(atom, name, [{ kind: 'size', at: this.firstByte(atom, place), text }], there);
    }
    return verdictOf(atom, name, this.fields.compare(atom, place), there);
  }

  /** Where functions of different sizes part, as far as their bytes tell. */
  private firstByte(atom: Atom, place: number): number {
    for (let length = atom.size; length > 0; length >>= 1)
      if (bytesAt(this.image, place, length) !== undefined)
        return this.fields.compare({ ...atom, index: -1 - atom.index, size: length }, place).at(0)?.at ?? 0;
    return 0;
  }
}

/** Whether an atom is code that is called by a name, boot code included. */
export function isNamedCode({ role, kind, name }: Atom): boolean {
  return name !== '' && (role === 'text' || role === 'init-text') && (kind === 'function' || kind === 'code');
}

const MISSING: Finding = { kind: 'missing', at: 0, text: 'the image has no function of that name' };

/** Bytes of the symbol that names an atom: entry points inside of it may make the atom larger than that. */
export function ownSize({ file }: Bundles, { label, size }: Atom): number {
  return label < 0 ? size : Number(file.symbols.st_size[label]);
}

/** The worst first. */
const BY_WEIGHT: readonly BaseKind[] = [
  'missing',
  'size',
  'code',
  'target',
  'contents',
  'string',
  'unchecked',
  'stamp',
];

const VERDICTS: Partial<Record<BaseKind, FunctionVerdict['verdict']>> = {
  unchecked: 'unchecked',
  stamp: 'stamped',
};

function verdictOf(
  atom: Atom,
  name: string,
  findings: readonly Finding[],
  there: { readonly place: number; readonly size: number },
): FunctionVerdict {
  const kind = BY_WEIGHT.find((one) => findings.some((finding) => finding.kind === one)) ?? null;
  const verdict = kind === null ? 'proven' : (VERDICTS[kind] ?? 'differs');
  const told = findings.filter((finding) => finding.kind === kind);
  return {
    name,
    verdict,
    kind,
    reasons: [...new Set(told.map(({ text }) => text))],
    size: atom.size,
    place: there.place,
    imageSize: there.size,
    at: told.at(0)?.at ?? 0,
  };
}
