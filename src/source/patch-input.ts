/**
 * What is applied to a source: a file in unified format, or text that came from somewhere else (git) and only
 * has a name. Lists of patches mix both, because a series may.
 */
export interface PatchInput {
  /** Path of the file; with `bytes`, what the text is called in diagnostics. */
  readonly path: string;
  /** Leading components that the names of files lose, as with `patch -pN`; 1 unless given. */
  readonly strip?: number;
  /** The patch itself, when it is no file. */
  readonly bytes?: Uint8Array;
}

/** A path, or more than that. */
export type Patch = string | PatchInput;

/** Patches of today carry one component (a/, b/), and so does what is given by name only. */
export function patchInput(patch: Patch): PatchInput {
  return typeof patch === 'string' ? { path: patch } : patch;
}
