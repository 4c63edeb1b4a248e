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

/** How objects are made of source: SourceSettings.build. */
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
  /** Where scratch copies lie; below `cacheDir` unless given. */
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

/** How long a stage took. */
export interface StageTiming {
  /** Which one. */
  readonly stage: SourceStage;
  /** By the clock. */
  readonly seconds: number;
}

/** How the objects were made. */
export interface BuildSummary {
  /** By single compilations, or by make. */
  readonly how: 'replay' | 'make';
  /** With `make`, although `auto` was asked for: why compiling single files was not enough. */
  readonly because?: Refusal;
  /** Units that the patches reach; 0 with `make`, which does not say. */
  readonly reached: number;
  /** Objects of both sides that came from the cache, and originals that lay in the tree as recorded. */
  readonly cached: number;
  /** Originals that lay in the tree as recorded, and were not compiled. */
  readonly asRecorded: number;
  /** With `verifyBuild`: how many objects both ways made alike, and which differ for a known reason. */
  readonly verified?: {
    /** Objects that both ways made alike. */
    readonly equal: number;
    /** Objects that hold the date, and are not compared. */
    readonly leftOut: readonly string[];
  };
}

/** What the source stage did. */
export interface SourceResult {
  /** Objects whose bytes differ, new and removed ones; sorted by name. Empty if the patches change no code. */
  readonly pairs: readonly ObjectPairPaths[];
  /** All other objects of the original, as linked: in the built tree, or in the scratch copy. Gone after `dispose`. */
  readonly unchanged: readonly {
    /** Relative to xen/. */
    readonly object: string;
    /** Absolute. */
    readonly path: string;
  }[];
  /** The folders that hold the two sides, each object under its path below xen/. */
  readonly origDir: string;
  /** The patched sides, as in `origDir`. */
  readonly patchedDir: string;
  /** Of the source, from its makefile. */
  readonly version: XenVersion;
  /** By what the objects were made. */
  readonly compiler: CompilerIdentity;
  /** The configuration that both sides were built with: absolute path, and hash of its content. */
  readonly configFile: string;
  /** In hexadecimal. */
  readonly configSha256: string;
  /** In the order in which they were applied. */
  readonly patches: readonly PatchRecord[];
  /** Files that the patches change. */
  readonly touched: readonly TouchedFile[];
  /** Where the original objects came from: the user's built tree, a cached base, or a full build just now. */
  readonly base: 'tree' | 'cache' | 'full-build';
  /** How the objects were made. */
  readonly build: BuildSummary;
  /** How many objects make up the hypervisor, and how many each build compiled. */
  readonly linkedObjects: number;
  /** Objects that were compiled of the original. */
  readonly compiledOriginal: number;
  /** Objects that were compiled of the patched source. */
  readonly compiledPatched: number;
  /** In the order of the stages. */
  readonly timings: readonly StageTiming[];
  /** The folder of the run; gone when it is over, unless `keepScratch`. */
  readonly scratchDir: string;
  /** Removes the scratch folder, and with it both sides of all pairs (unless `keepScratch`). */
  readonly dispose: () => Promise<void>;
}
