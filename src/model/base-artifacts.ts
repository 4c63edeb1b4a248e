/** The artifacts of the proof that objects are those of the linked hypervisor: paths, bytes, what came of each. */
import type { Artifact } from '../engine/artifact.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { LinkedImage } from '../xen/linked-image.js';
import type { BaseExcerpt } from './explain-base.js';
import type { BaseFunction } from './payload-artifacts.js';
import type { FunctionVerdict } from './prove-functions.js';

export interface BaseObjects extends Artifact {
  readonly kind: 'base-objects';
  readonly image: LinkedImage;
  readonly objects: readonly {
    /** What to call it: its path below xen/, as a rule. */
    readonly object: string;
    /** Where it is. */
    readonly path: string;
    /** Of an archive, so it is linked only if something needs it. */
    readonly member: boolean;
  }[];
  readonly question: BaseQuestion;
}

/** What is asked of objects. */
export interface BaseQuestion {
  /** Functions to prove, as Xen's table spells them; null for all, boot code included. */
  readonly wanted: readonly string[] | null;
  /** The objects were built from other source than the image, so numbers of static locals mean nothing. */
  readonly renumbered: boolean;
  /** The objects are all of the hypervisor: what none of them defines is not of this source. */
  readonly whole: boolean;
}

/** One object, in shared memory, and the image: an item of the lane. */
export interface BaseObject {
  readonly object: string;
  readonly member: boolean;
  readonly bytes: Uint8Array;
  readonly image: LinkedImage;
  readonly question: BaseQuestion;
}

/** A function that is not proven: what was found, and both sides where they can be laid side by side. */
export interface UnprovenFunction extends FunctionVerdict {
  /** The object that defines it. */
  readonly object: string;
  /** Both sides around the first difference; null when there is nothing to lay side by side. */
  readonly excerpt: BaseExcerpt | null;
}

/** What came of one object. */
export interface ObjectProof {
  /** As the request calls it. */
  readonly object: string;
  /** Of an archive: linked only if something needs it. */
  readonly member: boolean;
  /** Functions that are proven, as Xen's table spells them. */
  readonly proven: readonly string[];
  /** In order of their places in the object. */
  readonly unproven: readonly UnprovenFunction[];
  /** Texts of .comment. */
  readonly compilers: readonly string[];
  /** It holds asserts, which a release build has none of. */
  readonly asserts: boolean;
  /** What cannot be read of it (XS1xx). */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ObjectProofs extends Artifact {
  readonly kind: 'object-proofs';
  readonly image: LinkedImage;
  readonly objects: readonly ObjectProof[];
  readonly question: BaseQuestion;
}

/** What came of the functions that a payload relies on and that objects define which are not compared. */
export interface ReliedProof extends Artifact {
  readonly kind: 'relied-proof';
  /** In the order in which they were asked for. */
  readonly functions: readonly BaseFunction[];
}

/** What is likely to be the cause when much differs; `certain` when the files say so themselves. */
export interface BaseCause {
  /** A clause. */
  readonly text: string;
  /** The files say so themselves; otherwise it is likely. */
  readonly certain: boolean;
}

/** How much of the objects of a tree is the hypervisor that runs. */
export interface BaseProof extends Artifact {
  /** Always `base-proof`. */
  readonly kind: 'base-proof';
  /** Path of the image. */
  readonly image: string;
  /** Those that are linked; in order of their names. */
  readonly objects: readonly ObjectProof[];
  /** Members of archives that nothing in the image needed. */
  readonly notLinked: readonly string[];
  /** The likeliest first; empty when nothing differs. */
  readonly causes: readonly BaseCause[];
  /** The functions of `objects`, by what came of them. */
  readonly counts: BaseCounts;
}

/** Functions, by what came of them. */
export interface BaseCounts {
  /** All of them: the sum of the others. */
  readonly functions: number;
  /** Those that are in the image as in the objects. */
  readonly proven: number;
  /** Proven but for strings that say when, where or by whom they were built. */
  readonly stamped: number;
  /** Those that the image has otherwise, or not at all. */
  readonly differ: number;
  /** Those of which it cannot be told. */
  readonly unchecked: number;
}

export function countFunctions(
  proven: number,
  unproven: readonly { readonly verdict: FunctionVerdict['verdict'] }[],
): BaseCounts {
  const of = (verdict: FunctionVerdict['verdict']): number =>
    unproven.filter((one) => one.verdict === verdict).length;
  return {
    functions: proven + unproven.length,
    proven,
    stamped: of('stamped'),
    differ: of('differs'),
    unchecked: of('unchecked'),
  };
}
