/**
 * What passes, reporters and configurations of users are written against: `import … from 'xsplice-build/config'`.
 *
 * These types are published: within a major version fields are added, never changed. Passes see plain data, the same
 * that `--json` prints, and say what they want through the context; they run in a process of their own, where there is
 * nothing of Node: no files, no timers, no network. See docs/user-passes.md.
 */
import type { ProfileName } from './hypervisor/profiles.js';
import type { BuildDocument } from './report/json.js';
import type { AbiName } from './xen/versions.js';

export type { BuildDocument };

/** A function, as views name it. */
export interface FunctionRef {
  /** Path of the object, from the top of what was built: `arch/x86/hvm/vmsi.o`. */
  readonly object: string;
  /** As Xen's own table spells it: `do_domctl`, or `file.c#name` for a local one. */
  readonly name: string;
}

/** What a message of a pass is about; shown as the place of the diagnostic. */
export interface About {
  readonly object?: string;
  readonly function?: string;
  /** What the reader can do. */
  readonly hint?: string;
}

/** A function that changed, and is to be replaced. */
export interface ChangedFunctionView extends FunctionRef {
  /** What differs first: `code`, `callee`, `immediate`, `variable`, …; as `kind` in `--json`. */
  readonly kind: string;
  /** One line. */
  readonly reason: string;
  /** Bytes of code before and after. */
  readonly oldSize: number;
  readonly newSize: number;
}

/** What the patch changed, before anything is linked. */
export interface SelectionView {
  /** Build-id of the hypervisor, in hexadecimal. */
  readonly hypervisor: string;
  /** Objects in which something changed. */
  readonly objects: readonly string[];
  /** In order of objects and places. */
  readonly functions: readonly ChangedFunctionView[];
  /** Functions of these objects that did not change, and could be added. */
  readonly unchanged: readonly FunctionRef[];
  /** Functions that the payload calls when it is applied or reverted, by their records. */
  readonly hooks: readonly FunctionRef[];
}

/** Something that comes along. */
export interface IncludedView {
  readonly object: string;
  /** Its symbol, or section and distance. */
  readonly name: string;
  /** `function`, `code`, `object`, `string`, `constant`, `literal` or `entry`. */
  readonly kind: string;
  readonly section: string;
  /** Bytes. */
  readonly size: number;
  readonly reason: 'changed' | 'hook' | 'named' | 'referenced' | 'describes';
  /** Position in the list of what referred to it first; -1 for what is there for itself. */
  readonly from: number;
}

/** What the payload will hold, and what it takes from the hypervisor. */
export interface InclusionView {
  readonly hypervisor: string;
  readonly included: readonly IncludedView[];
  /** Symbols that the hypervisor or an earlier payload must provide, as Xen's table spells them. */
  readonly externals: readonly string[];
}

/** A finished payload. */
export interface PayloadView {
  readonly hypervisor: string;
  /** Build-ids in hexadecimal: its own, and that of what it goes on top of. */
  readonly buildId: string;
  readonly depends: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly functions: readonly {
    readonly name: string;
    /** In hexadecimal with 0x; null when an earlier payload brought the function. */
    readonly oldAddress: string | null;
    readonly oldSize: number;
    readonly newSize: number;
    /** How the hypervisor gets to the new code. */
    readonly way: 'trampoline' | 'in-place' | 'callers';
  }[];
  readonly sections: readonly {
    readonly name: string;
    readonly size: number;
    readonly alignment: number;
    readonly writable: boolean;
    readonly executable: boolean;
  }[];
}

/** How a pass speaks. */
export interface PassContext {
  /** Refuses the payload: XS707, exit code 1. The run goes on to its next halt, so that all that is wrong is told. */
  veto(message: string, about?: About): void;
  /** Warns: XS708. */
  warn(message: string, about?: About): void;
  /** Tells: XS709. */
  note(message: string, about?: About): void;
}

/** How a pass that sees the selection decides. A later pass sees what earlier ones decided. */
export interface SelectionContext extends PassContext {
  /** Leaves a changed function as it is: XS710 warns of it with the reason, and the manifest has it. */
  drop(target: FunctionRef, reason: string): void;
  /** Replaces a function of `unchanged`, too: XS711. */
  add(target: FunctionRef, reason: string): void;
}

interface Named {
  /** How it is named in diagnostics; unique in a run, of letters, digits, `-`, `_`, `.` and `/`. */
  readonly name: string;
}

/** What a pass sees and may do, by its place: the pass behind which it runs. */
export interface Places {
  /** What changed is known, and nothing is linked yet. */
  readonly 'select-changed': { readonly view: SelectionView; readonly context: SelectionContext };
  /** What comes along is known. */
  readonly 'include-closure': { readonly view: InclusionView; readonly context: PassContext };
  /** The payload is finished, and not yet proven and written. */
  readonly 'emit-notes': { readonly view: PayloadView; readonly context: PassContext };
}

export type Place = keyof Places;

export interface UserPass<P extends Place = Place> extends Named {
  readonly after: P;
  run(view: Places[P]['view'], ctx: Places[P]['context']): void | Promise<void>;
}

/** A file that a reporter makes. */
export interface ReportFile {
  /** Without folders: it is written beside the payload. */
  readonly name: string;
  readonly text: string;
}

/** Makes files of the report of a build, of a refused one, too. */
export interface Reporter extends Named {
  report(
    document: BuildDocument,
  ): ReportFile | readonly ReportFile[] | Promise<ReportFile | readonly ReportFile[]>;
}

/**
 * Settings of `build`, named as its options; what the command line says goes before them. Paths are relative to the
 * folder of the configuration.
 */
export interface Settings {
  readonly source?: string;
  readonly patch?: readonly string[];
  readonly config?: string;
  readonly xenSyms?: string;
  readonly onTopOf?: readonly string[];
  readonly depends?: string;
  readonly xenDepends?: string;
  readonly jobs?: number;
  readonly threads?: number | 'auto';
  readonly abi?: AbiName;
  /** As after --splice: `auto`, `callers`, `do_domctl=callers`. */
  readonly splice?: readonly string[];
  readonly prelink?: boolean;
  readonly replace?: boolean;
  readonly modinfo?: readonly string[];
  readonly baseProof?: boolean;
  readonly expect?: boolean;
  readonly validate?: boolean;
  readonly profile?: ProfileName;
  readonly scenario?: readonly string[];
  readonly build?: 'auto' | 'replay' | 'make';
  readonly verifyBuild?: boolean;
  readonly cacheDir?: string;
  readonly cache?: boolean;
  /** MiB. */
  readonly cacheLimit?: number;
  readonly target?: 'xen' | 'generic';
  readonly allowLost?: readonly string[];
  /** As after --reports-line: `log_at:line=2`. */
  readonly reportsLine?: readonly string[];
  /** Seconds that a call of a pass may take. */
  readonly passTimeout?: number;
}

export interface Configuration extends Settings {
  /** Paths of files, or passes themselves; they run in this order, before those of --pass. */
  readonly passes?: readonly (string | UserPass)[];
  /** Paths of files, or reporters themselves. */
  readonly reporters?: readonly (string | Reporter)[];
}

/** What the default export of a file for --pass may be. */
export type PassExport = Made<UserPass> | Made<Reporter> | readonly (Made<UserPass> | Made<Reporter>)[];

/** What the default export of a file for --config-file may be. */
export type ConfigurationExport = Made<Configuration>;

/** Made by one of the functions below. */
export type Made<T> = T & { readonly made: 'pass' | 'reporter' | 'configuration' };

/** A pass; its view and its context follow from `after`. */
export function definePass<P extends Place>(pass: UserPass<P>): Made<UserPass<P>> {
  return { ...pass, made: 'pass' };
}

/** A reporter. */
export function defineReporter(reporter: Reporter): Made<Reporter> {
  return { ...reporter, made: 'reporter' };
}

/** A configuration. */
export function defineConfig(configuration: Configuration): Made<Configuration> {
  return { ...configuration, made: 'configuration' };
}
