/**
 * The source stage: a Xen tree and patches in, pairs of objects out. What the rest of the program may use.
 */
export { baseObjects } from './base-objects.js';
export { buildObjectPairs } from './source-stage.js';
export { compilerOf, versionLine } from './compiler.js';
export type { CompilerIdentity } from './compiler.js';
export { linkedObjects } from './linked-objects.js';
export type { ObjectPairPaths } from './object-snapshot.js';
export type { PatchRecord, TouchedFile } from './patch-series.js';
export { buildPrerequisites, installCommand, missingPrograms } from './prerequisites.js';
export type { Prerequisite } from './prerequisites.js';
export type { SourceProgress, SourceRequest, SourceResult, SourceStage, StageTiming } from './request.js';
export type { XenVersion } from './tree.js';
