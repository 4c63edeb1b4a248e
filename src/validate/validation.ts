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
/** What is proven, one after the other: README.md, "The proof". */
export type Level = (typeof LEVELS)[number];
/** `not reached`: a level before it failed. `not asked`: there was no scenario. */
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
  /** What was asked. */
  readonly action: 'upload' | 'apply' | 'revert' | 'replace' | 'unload';
  /** Its name in the hypervisor. */
  readonly payload: string;
  /** 0 or a negated error number: what xen-livepatch would show. */
  readonly rc: number;
  /** Lines that the hypervisor printed meanwhile, without `(XEN) `. */
  readonly console: readonly string[];
  /** Why it was refused, also where the hypervisor does not say so. */
  readonly why?: string;
}

/** A payload as it was loaded. */
export interface PayloadFacts {
  /** As the request has it. */
  readonly path: string;
  /** Name under which it was uploaded. */
  readonly name: string;
  /** That it replaces. */
  readonly functions: number;
  /** That it runs. */
  readonly hooks: number;
  /** That the loader applied. */
  readonly relocations: number;
  /** Pages of 4096 bytes. */
  readonly pages: number;
}

/** What came of a scenario. */
export interface ScenarioResult {
  /** As the request has it. */
  readonly path: string;
  /** Of the scenario. */
  readonly title: string;
  /** In the order in which they were made. */
  readonly calls: readonly CallResult[];
  /** In their order. */
  readonly rendezvous: readonly RendezvousResult[];
  /** How much of the new code ran. */
  readonly coverage: Coverage;
}

/** A meeting of the CPUs that a scenario asks for. */
export interface RendezvousResult {
  /** Of the scenario. */
  readonly title: string;
  /** Whether it came as expected. */
  readonly passed: boolean;
  /** What was expected and did not come. */
  readonly complaints: readonly string[];
  /** 0 or a negated error number. */
  readonly rc: number;
  /** Lines that the hypervisor printed. */
  readonly console: readonly string[];
  /** A line for each CPU that was late. */
  readonly lateness: readonly string[];
  /** Nanoseconds of the model from the call of the other CPUs to the end. */
  readonly duration: number;
  /** How often the CPUs were called together, and how often one of them stood where it must not. */
  readonly attempts: number;
  /** How often a CPU stood where it must not. */
  readonly obstructed: number;
  /** CPUs that the master waited for. */
  readonly waitedFor: number;
}

/** How much of the payloads' new code the calls of a scenario ran, in bytes. */
export interface Coverage {
  /** Bytes of new code that ran. */
  readonly executed: number;
  /** Bytes of new code. */
  readonly total: number;
  /** The same of each function. */
  readonly functions: readonly {
    /** Its symbol. */
    readonly name: string;
    /** Bytes that ran. */
    readonly executed: number;
    /** Bytes. */
    readonly size: number;
  }[];
}

/** What the emulated hypervisor did with the payloads. */
export interface Validation {
  /** Path of the image. */
  readonly image: string;
  /** The rules of the loader that were used. */
  readonly profile: ProfileName;
  /** What came of each level. */
  readonly levels: Readonly<Record<Level, LevelVerdict>>;
  /** Those that were accepted. */
  readonly payloads: readonly PayloadFacts[];
  /** All that was asked of the hypervisor, in order, scenarios left out. */
  readonly steps: readonly StepResult[];
  /** Bytes of the hypervisor that were compared after the last revert; 0 when it was not reached. */
  readonly comparedBytes: number;
  /** In the order of the request. */
  readonly scenarios: readonly ScenarioResult[];
  /** XS6xx; errors mean that a level failed. */
  readonly diagnostics: readonly Diagnostic[];
}
