/**
 * What the source stage is asked for, what it answers, and what it says on the way.
 */
import type { CompilerIdentity } from './compiler.js';
import type { ObjectPairPaths } from './object-snapshot.js';
import type { Patch } from './patch-input.js';
import type { PatchRecord, TouchedFile } from './patch-series.js';
import type { Refusal } from './replay/refusal.js';
import type { SourceProgress, SourceStage } from '../run/progress.js';
import type { XenVersion } from './tree.js';

export type BuildChoice = 'auto' | 'replay' | 'make';

/** The tree, its patches, and how objects are made of them. */
export interface SourceSettings {
  /** The top of a Xen source, or its xen/ folder. Never written to. */
  readonly sourceDir: string;
  /** Patches, applied in this order. */
  readonly patches: readonly Patch[];
  /** A .config to use instead of the tree's. */
  readonly configFile?: string | undefined;
  /** How many compilers make may run at a time; at least 1. */
  readonly jobs: number;
  /** Where built bases, logs and (unless `scratchRoot` is given) scratch copies lie. Made if absent. */
  readonly cacheDir: string;
  readonly scratchRoot?: string | undefined;
  /**
   * How objects are made: `replay` compiles what the patches reach by the recorded commands and refuses where that is
   * not enough, `make` lets the tree's makefiles decide, `auto` (if absent) does the first where it can.
   */
  readonly build?: BuildChoice | undefined;
  /** Does both and reports XS851 if the objects differ. */
  readonly verifyBuild?: boolean | undefined;
  /** Whether objects of earlier runs are used and those of this one kept; true if absent. */
  readonly cache?: boolean | undefined;
  /** Bytes that kept objects may take. */
  readonly cacheLimit?: number | undefined;
  /** Leaves the scratch copy in place, to look at. */
  readonly keepScratch?: boolean | undefined;
  /** Given on make's command line, like CC or XEN_VENDORVERSION; not O, which moves the objects away. */
  readonly makeVariables?: Readonly<Record<string, string>> | undefined;
}

export interface SourceRequest extends SourceSettings {
  readonly onProgress?: ((event: SourceProgress) => void) | undefined;
  /** Aborting ends make with all its compilers and removes the scratch copy. */
  readonly signal?: AbortSignal | undefined;
}

export interface StageTiming {
  readonly stage: SourceStage;
  readonly seconds: number;
}

/** How the objects were made. */
export interface BuildSummary {
  readonly how: 'replay' | 'make';
  /** With `make`, although `auto` was asked for: why compiling single files was not enough. */
  readonly because?: Refusal;
  /** Units that the patches reach; 0 with `make`, which does not say. */
  readonly reached: number;
  /** Objects of both sides that came from the cache, and originals that lay in the tree as recorded. */
  readonly cached: number;
  readonly asRecorded: number;
  /** With `verifyBuild`: how many objects both ways made alike, and which differ for a known reason. */
  readonly verified?: { readonly equal: number; readonly leftOut: readonly string[] };
}

export interface SourceResult {
  /** Objects whose bytes differ, new and removed ones; sorted by name. Empty if the patches change no code. */
  readonly pairs: readonly ObjectPairPaths[];
  /** All other objects of the original, as linked: in the built tree, or in the scratch copy. Gone after `dispose`. */
  readonly unchanged: readonly { readonly object: string; readonly path: string }[];
  /** The folders that hold the two sides, each object under its path below xen/. */
  readonly origDir: string;
  readonly patchedDir: string;
  readonly version: XenVersion;
  readonly compiler: CompilerIdentity;
  /** The configuration that both sides were built with: absolute path, and hash of its content. */
  readonly configFile: string;
  readonly configSha256: string;
  readonly patches: readonly PatchRecord[];
  readonly touched: readonly TouchedFile[];
  /** Where the original objects came from: the user's built tree, a cached base, or a full build just now. */
  readonly base: 'tree' | 'cache' | 'full-build';
  readonly build: BuildSummary;
  /** How many objects make up the hypervisor, and how many each build compiled. */
  readonly linkedObjects: number;
  readonly compiledOriginal: number;
  readonly compiledPatched: number;
  readonly timings: readonly StageTiming[];
  readonly scratchDir: string;
  /** Removes the scratch folder, and with it both sides of all pairs (unless `keepScratch`). */
  readonly dispose: () => Promise<void>;
}
