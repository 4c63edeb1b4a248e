/**
 * What the validator takes and gives: plain data, from which the text and the JSON document are made.
 *
 * Four levels, each told apart. A level that fails ends those behind it: they are `not reached`, which is not
 * `passed`. `runs` without a scenario is `not asked`.
 */
import type { HazardSubject } from '../atlas/subject.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { EngineMaker } from '../emulator/engine.js';
import type { LoaderProfile, ProfileName } from '../hypervisor/profiles.js';
import type { XenImage } from '../xen/image.js';
import type { CallResult } from './scenario/play.js';
import type { Scenario } from './scenario/scenario.js';

export const LEVELS = ['accepts', 'applies', 'hazards', 'runs'] as const;
export type Level = (typeof LEVELS)[number];
export type LevelVerdict = 'passed' | 'failed' | 'not reached' | 'not asked';

export interface PayloadFile {
  /** Path, as the user gave it. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface ScenarioFile {
  readonly path: string;
  readonly scenario: Scenario;
}

export interface ValidationInput {
  readonly image: XenImage;
  /** In the order in which they are applied. */
  readonly payloads: readonly PayloadFile[];
  readonly profile: LoaderProfile;
  readonly scenarios: readonly ScenarioFile[];
  /** The last payload takes the place of the others (`xen-livepatch replace`) instead of going on top. */
  readonly replaces?: boolean;
  /** Apply the first payload whatever it says that it goes on top of. */
  readonly nodeps?: boolean;
  /** Build-id that the hypervisor has, instead of that of the image. */
  readonly buildId?: Uint8Array;
  /** Runs the calls of scenarios; without it they are interpreted. */
  readonly engine?: EngineMaker;
  /** Called with the payloads as they were loaded, when all were accepted. */
  readonly observe?: (subject: HazardSubject) => void;
}

/** One thing that was asked of the hypervisor. */
export interface StepResult {
  readonly action: 'upload' | 'apply' | 'revert' | 'replace' | 'unload';
  readonly payload: string;
  /** 0 or a negated error number: what xen-livepatch would show. */
  readonly rc: number;
  readonly console: readonly string[];
  /** Why it was refused, also where the hypervisor does not say so. */
  readonly why?: string;
}

export interface PayloadFacts {
  readonly path: string;
  /** Name under which it was uploaded. */
  readonly name: string;
  readonly functions: number;
  readonly hooks: number;
  readonly relocations: number;
  /** Pages of 4096 bytes. */
  readonly pages: number;
}

export interface ScenarioResult {
  readonly path: string;
  readonly title: string;
  readonly calls: readonly CallResult[];
  readonly rendezvous: readonly RendezvousResult[];
  readonly coverage: Coverage;
}

export interface RendezvousResult {
  readonly title: string;
  readonly passed: boolean;
  readonly complaints: readonly string[];
  readonly rc: number;
  readonly console: readonly string[];
  /** A line for each CPU that was late. */
  readonly lateness: readonly string[];
  /** Nanoseconds of the model from the call of the other CPUs to the end. */
  readonly duration: number;
  /** How often the CPUs were called together, and how often one of them stood where it must not. */
  readonly attempts: number;
  readonly obstructed: number;
  /** CPUs that the master waited for. */
  readonly waitedFor: number;
}

/** How much of the payloads' new code the calls of a scenario ran, in bytes. */
export interface Coverage {
  readonly executed: number;
  readonly total: number;
  readonly functions: readonly { readonly name: string; readonly executed: number; readonly size: number }[];
}

export interface Validation {
  readonly image: string;
  readonly profile: ProfileName;
  readonly levels: Readonly<Record<Level, LevelVerdict>>;
  readonly payloads: readonly PayloadFacts[];
  readonly steps: readonly StepResult[];
  /** Bytes of the hypervisor that were compared after the last revert; 0 when it was not reached. */
  readonly comparedBytes: number;
  readonly scenarios: readonly ScenarioResult[];
  readonly diagnostics: readonly Diagnostic[];
}
