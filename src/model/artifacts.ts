/** The artifacts that stand between the passes of the first half: from paths of objects to what changed in them. */
import type { Artifact } from '../engine/artifact.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { ElfFile } from '../elf/read.js';
import type { Difference } from './difference.js';
import type { Correlation } from './correlate.js';
import type { MakerChange } from './makers.js';
import type { ChangedFunction, ExplainedFunction } from './explanation.js';
import type { NearName } from './function-names.js';
import type { Bundles, ObjectModel } from './object-model.js';

/** Where the two sides of each object are; one side may be missing (a new or a removed file). */
export interface ObjectPair {
  /** What to call it: its path from the top of what was built, for instance. */
  readonly object: string;
  /** Path of the object before the change; absent for a new file. */
  readonly orig?: string;
  /** Path of the object after it; absent for a removed file. */
  readonly patched?: string;
}

export interface ObjectPaths extends Artifact {
  readonly kind: 'object-paths';
  readonly pairs: readonly ObjectPair[];
}

/** The bytes of a pair, in shared memory. */
export interface PairBytes {
  readonly object: string;
  readonly orig?: Uint8Array;
  readonly patched?: Uint8Array;
  /** Both sides are there and equal byte for byte; then neither is given, unless a function is asked for. */
  readonly identical: boolean;
}

/** Items of the lane, one stage after the other. A missing side is a file that one tree has not. */
export interface ParsedPair {
  readonly object: string;
  readonly orig?: ElfFile;
  readonly patched?: ElfFile;
}

export interface BundledPair {
  readonly object: string;
  readonly orig: Bundles;
  readonly patched: Bundles;
}

export interface ModelPair {
  readonly object: string;
  readonly orig: ObjectModel;
  readonly patched: ObjectModel;
}

export interface CorrelatedPair extends ModelPair {
  readonly correlation: Correlation;
}

/**
 * What became of an atom of the patched object. `carried` is a constant that changed and comes along as new, with
 * everything that uses it.
 */
export const AtomStatus = { same: 0, changed: 1, added: 2, carried: 3 } as const;

/** The graph of an object that changed, with the verdict on each of its atoms. */
export interface ChangedObject extends CorrelatedPair {
  /** AtomStatus of each atom of the patched object. */
  readonly status: Uint8Array;
  /** Patched atom number -> first difference, for changed atoms. */
  readonly differences: ReadonlyMap<number, Difference>;
  /** Patched atom number -> modulo what it is equal to the original as far as it was compared; bits of Modulo. */
  readonly modulo: ReadonlyMap<number, number>;
}

/** `refused`: something changed that no payload can carry, or the object cannot be read; `diagnostics` say what. */
export type PairVerdict = 'unchanged' | 'changed' | 'refused' | 'new' | 'removed';

/**
 * Whether the layouts of structures under changed functions were compared: it takes debug information on both sides.
 * `partly` means that some functions are not described.
 */
export type LayoutVerdict = 'not needed' | 'checked' | 'partly' | 'not checked';

/** The verdict on one pair: the lane's result. */
export interface PairDiff {
  /** As the request calls it. */
  readonly object: string;
  /** What became of the object as a whole. */
  readonly verdict: PairVerdict;
  /** Functions that run after boot, in order of their place in the object. */
  readonly changed: readonly ChangedFunction[];
  /** Functions that only the patched side has. */
  readonly added: readonly string[];
  /** Constants that changed and come along as new. */
  readonly carried: readonly string[];
  /** Functions that only the original has. */
  readonly removed: readonly string[];
  /** Functions equal but for what cannot matter, and what that was. */
  readonly equal: readonly {
    /** Its symbol. */
    readonly name: string;
    /** What differs and does not count. */
    readonly modulo: readonly string[];
  }[];
  /** Functions of the running system in the patched object; 0 when nothing had to be compared. */
  readonly functions: number;
  /** Whether types under the changed functions were compared. */
  readonly layouts: LayoutVerdict;
  /**
   * The sides were made in different ways.
   * @internal
   */
  readonly otherMaker?: MakerChange;
  /** Functions that were asked for, shown whole. */
  readonly explained: readonly ExplainedFunction[];
  /** Every function that changed or is new, shown whole; only if that was asked for. */
  readonly whole: readonly ExplainedFunction[];
  /**
   * Functions whose names are near to one that was asked for; only while something is asked for.
   * @internal
   */
  readonly near: readonly NearName[];
  /** Keys of --allow-lost that were made use of. */
  readonly accepted: readonly string[];
  /** Changes that no payload can carry (XS3xx), and what cannot be read. */
  readonly diagnostics: readonly Diagnostic[];
  /** @internal */
  readonly detail?: ChangedObject;
}

export interface ChangedObjects extends Artifact {
  readonly kind: 'changed-objects';
  /** In order of their names, the identical ones included. */
  readonly diffs: readonly PairDiff[];
}

export function settledDiff(
  object: string,
  verdict: PairVerdict,
  diagnostics: readonly Diagnostic[] = [],
): PairDiff {
  const none = {
    changed: [],
    added: [],
    carried: [],
    removed: [],
    equal: [],
    functions: 0,
    layouts: 'not needed' as const,
    explained: [],
    whole: [],
    near: [],
    accepted: [],
  };
  return { object, verdict, ...none, diagnostics };
}
