/** What callers of the library ask for, and what they get: the types of index.ts that are about making payloads. */
import type { Diagnostic } from './diag/diagnostic.js';
import type { Artifact } from './engine/artifact.js';
import type { Threads } from './engine/choose.js';
import type { ProfileName } from './hypervisor/profiles.js';
import type { ObjectPair, PairDiff } from './model/artifacts.js';
import type { FinishedPayload } from './model/payload-artifacts.js';
import type { SpliceWish } from './model/splice-wishes.js';
import type { RunControls } from './run/run-control.js';
import type { SplicePlan } from './splice/plan.js';
import type { Validation } from './validate/validation.js';
import type { Choices } from './user/choices.js';
import type { UserCode } from './user/user-code.js';
import type { Reporter } from './xen/reporting-functions.js';
import type { AbiName, TargetProfile } from './xen/versions.js';

export type { ObjectPair } from './model/artifacts.js';

/** What every run takes and gives beside its subject. */
export interface RunSettings extends RunControls {
  /** Threads for the work on objects; `auto` (the default) takes as many as pay off. */
  readonly threads?: Threads;
  /** Prove after each pass what it promises; a breach throws. */
  readonly verifyEach?: boolean;
  /** Functions to show whole, by name (`f`, or `file.c#f` for a local one); an unknown name is XS902. */
  readonly explain?: readonly string[];
  /** Show every function whole that changed or is new, in `whole` of the verdicts. */
  readonly whole?: boolean;
  /**
   * Called after each pass with its name and artifact.
   * @internal
   */
  readonly observe?: (pass: string, artifact: Artifact) => void;
}

/** What every run gives. */
export interface RunResult {
  /** In the order in which things were found. An error among them means that there is no payload. */
  readonly diagnostics: readonly Diagnostic[];
  /** Milliseconds per pass, in order; passes on objects are summed over threads. */
  readonly timings: ReadonlyMap<string, number>;
}

export interface DiffRequest extends RunSettings {
  /** The objects to compare, in any order. */
  readonly pairs: readonly ObjectPair[];
  /** `xen` (the default) knows Xen's special sections, `generic` none. */
  readonly target?: TargetProfile['name'];
  /** Losses that are accepted, by the keys that refusals name: `init:setup_apic`. */
  readonly allowLost?: readonly string[];
  /** Functions that report line numbers, beside those of the target. */
  readonly reporters?: readonly Reporter[];
}

/** What a comparison came to. */
export interface DiffResult extends RunResult {
  /** One verdict a pair, in order of their names; empty when a file could not be read. */
  readonly diffs: readonly PairDiff[];
}

/** What a payload is made for, and how. */
export interface PayloadSettings {
  /** Path of xen-syms. */
  readonly image: string;
  /**
   * Paths of the payloads below this one, oldest first: with `replace`, those whose place it takes, which are
   * only looked at for what would be lost, and for the proof.
   */
  readonly onTopOf?: readonly string[];
  /** Build-ids in hexadecimal; taken from the topmost payload and from the image unless given. */
  readonly depends?: string;
  /** Build-id of the hypervisor, if not that of the image. */
  readonly xenDepends?: string;
  /** `livepatch-v2` unless given. */
  readonly abi?: AbiName;
  /** Fill in addresses instead of leaving names to the loader; false unless given. */
  readonly prelink?: boolean;
  /** For `xen-livepatch replace`: depends on the hypervisor alone, and can be loaded beside what it replaces; false unless given. */
  readonly replace?: boolean;
  /** `key=value` lines for .modinfo. */
  readonly modinfo?: readonly string[];
  /** Prove that what is replaced and relied on is what the image holds; true unless given. */
  readonly baseProof?: boolean;
  /** Let the loader compare the first bytes of each function that is replaced. */
  readonly expect?: boolean;
  /** Which way each function is spliced; by trampoline unless given. The last wish that fits a function counts. */
  readonly splice?: readonly SpliceWish[];
  /** Rules of this release's loader, instead of those of the image, by which ways to splice are chosen and it is proven. */
  readonly profile?: ProfileName;
  /** Prove the payload in an emulated hypervisor; without it, it is not proven. */
  readonly proof?: ProofSettings;
  /** Passes of the user, as `loadPasses` gives them. */
  readonly passes?: UserCode;
  /** What passes decided when the payload was made before: done again, without them. */
  readonly choices?: Choices;
}

/** What a payload is proven against. */
export interface ProofSettings {
  /** What to call the payload in diagnostics: where it will be written. */
  readonly as?: string;
  /** Rules of this release's loader, instead of those of the image. */
  readonly profile?: ProfileName;
  /** Paths of scenarios to play: docs/scenarios.md. */
  readonly scenarios?: readonly string[];
}

export interface LinkRequest extends DiffRequest, PayloadSettings {}

/** What linking came to. Nothing is written: that is for the caller, and only without errors in `diagnostics`. */
export interface LinkResult extends DiffResult {
  /** Absent when the input was refused. */
  readonly payload?: FinishedPayload;
  /** Build-ids of the payloads of `onTopOf`, with `payload`. */
  readonly below?: readonly Uint8Array[];
  /** The ways to splice its functions, and which was taken: with a proof, or when --splice chose. */
  readonly plan?: SplicePlan;
  /** What the emulated hypervisor did with it, if that was asked for. */
  readonly validation?: Validation;
  /** What passes of the user decided; absent when it did not come to that. */
  readonly choices?: Choices;
}
