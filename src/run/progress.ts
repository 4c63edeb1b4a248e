/**
 * What a run tells of itself while it works, as plain data: one union for all that takes long, told apart by `kind`.
 *
 *   source    a tree is copied, compiled, compared       as compilers end
 *   pass      a pass began, or ended                     twice a pass
 *   objects   of a pass over many objects, so many done  once an object, or once a batch of a worker
 *   proof     the emulated hypervisor is asked           once a step
 *
 * Names in events come from the input as they are there: who prints them has to escape them.
 */

/**
 * `check`: tree and patches are looked at; `copy`: the scratch copy is made; `build-base`: a tree that was never built
 * is built, once; `build-original`, `build-patched`: what the patches touch is compiled, before and after them;
 * `replay`: what the patches reach is compiled without make; `collect`: objects are compared.
 */
export type SourceStage =
  'check' | 'copy' | 'build-base' | 'build-original' | 'build-patched' | 'replay' | 'collect';

/** A stage of getting objects out of a source tree. */
export interface SourceProgress {
  /** Tells it apart. */
  readonly kind: 'source';
  /** Which one. */
  readonly stage: SourceStage;
  /** `compiled` comes once an object, between `begin` and `end`. A stage that fails has no `end`. */
  readonly state: 'begin' | 'compiled' | 'end';
  /** Objects compiled in this stage so far; 0 with `begin` and `end`. */
  readonly compiled: number;
  /** How many it will be, where that is known; with `estimated`, about so many. */
  readonly total?: number;
  /** Whether `total` is an estimate: make does not say what it will do. */
  readonly estimated?: boolean;
  /** The object compiled last, relative to xen/. */
  readonly object?: string;
  /** With `end`: how long the stage took, in seconds. */
  readonly seconds?: number;
}

/** A pass of src/pipeline.ts began or ended. */
export interface PassProgress {
  /** Tells it apart. */
  readonly kind: 'pass';
  /** As in `timings`. */
  readonly pass: string;
  /** `end` does not come when the pass was interrupted. */
  readonly state: 'begin' | 'end';
  /** With `end`: milliseconds by the clock. */
  readonly milliseconds?: number;
}

/** How far a pass over many objects is. */
export interface ObjectsProgress {
  /** Tells it apart. */
  readonly kind: 'objects';
  /** `diff-pairs`, or `prove-tree` for the objects of a tree that is compared with the hypervisor. */
  readonly pass: string;
  /** Objects done so far: from 1 to `total`, never falling. */
  readonly done: number;
  /** How many there are. */
  readonly total: number;
}

/** What the emulated hypervisor is asked for next. */
export interface ProofProgress {
  /** Tells it apart. */
  readonly kind: 'proof';
  /** `boot`: the image is put into memory; `hazards`: what the loader made of the payloads is searched. */
  readonly step: 'boot' | 'upload' | 'hazards' | 'apply' | 'replace' | 'revert' | 'unload' | 'scenario';
  /** With a step of one payload, its name in the hypervisor; with `scenario`, its title and that of its next call. */
  readonly subject?: string;
  /** Which of how many payloads or scenarios: from 1 to `of`. */
  readonly position: number;
  /** How many payloads or scenarios there are; at least 1. */
  readonly of: number;
}

/** Everything that a run tells. Later versions may add kinds: ignore those that you do not know. */
export type ProgressEvent = SourceProgress | PassProgress | ObjectsProgress | ProofProgress;
