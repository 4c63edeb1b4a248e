/**
 * Why a function of an object is not that of the linked hypervisor, in the words and lines in which changed functions
 * are explained: `orig` is what the object has, `patched` what runs.
 */
import type { LinkedImage } from '../xen/linked-image.js';
import { AtomStatus } from './artifacts.js';
import type { ChangedObject } from './artifacts.js';
import { imageSide, objectSide } from './base-sides.js';
import { comparisonOf, explainChange } from './explain.js';
import type { ChangeKind, CodeExcerpt } from './explanation.js';
import type { Atom, ObjectModel } from './object-model.js';
import type { FunctionVerdict } from './prove-functions.js';

/** Lines of both sides around the first difference in code. */
export interface BaseExcerpt {
  /** What differs first. */
  readonly kind: ChangeKind;
  /** One line. */
  readonly reason: string;
  /** In the object that was built from the source. */
  readonly object: CodeExcerpt | null;
  /** In the image. */
  readonly image: CodeExcerpt | null;
}

/** Both sides of a function that differs; undefined when there is nothing to lay side by side. */
export function explainBase(
  model: ObjectModel,
  atom: Atom,
  image: LinkedImage,
  verdict: FunctionVerdict,
): BaseExcerpt | undefined {
  if (atom.size === 0) return undefined;
  const there = imageSide(image, atom, verdict);
  if (there === undefined) return undefined;
  const pair = {
    object: atom.name,
    orig: objectSide(model, atom),
    patched: there,
    correlation: { toOrig: Int32Array.of(0), toPatched: Int32Array.of(0), ambiguous: [] },
  };
  const plain: ChangedObject = {
    ...pair,
    status: Uint8Array.of(AtomStatus.changed),
    differences: new Map(),
    modulo: new Map(),
  };
  const both = comparisonOf(plain);
  const { difference } = both.comparer.compare(pair.orig.atoms[0], there.atoms[0]);
  if (difference === undefined) return undefined;
  const changed: ChangedObject = { ...plain, differences: new Map([[0, difference]]) };
  const { kind, reason, orig, patched } = explainChange(changed, both, there.atoms[0]);
  return { kind, reason, object: orig, image: patched };
}
