/**
 * The source stage: a Xen tree and patches in, pairs of objects out. What the rest of the program may use.
 */
export { baseObjects } from './base-objects.js';
export { buildObjectPairs } from './source-stage.js';
export { buildOnTop } from './with-applied.js';
export type { StackedSourceResult } from './with-applied.js';
export { hashOfFile, hashSourceFiles } from './source-identity.js';
export type { FileHashes } from './source-identity.js';
export { readGitRange } from './git-range.js';
export { readSeries } from './quilt-series.js';
export { patchInput } from './patch-input.js';
export type { Patch, PatchInput } from './patch-input.js';
export { compilerOf, versionLine } from './compiler.js';
export type { CompilerIdentity } from './compiler.js';
export { linkedObjects } from './linked-objects.js';
export type { ObjectPairPaths } from './object-snapshot.js';
export type { HunkRecord, PatchRecord, TouchedFile } from './patch-series.js';
export { buildPrerequisites, installCommand, missingPrograms } from './prerequisites.js';
export type { Refusal, RefusalKind } from './replay/refusal.js';
export { findProgram } from './replay/run-program.js';
export type { Prerequisite } from './prerequisites.js';
export type {
  BuildChoice,
  BuildSummary,
  SourceRequest,
  SourceResult,
  SourceSettings,
  StageTiming,
} from './request.js';
export type { XenVersion } from './tree.js';
