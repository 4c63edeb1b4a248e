/** The artifacts of the second half: from what changed to the payload's bytes. */
import type { Artifact } from '../engine/artifact.js';
import type { OutputObject } from '../elf/write.js';
import type { PayloadAbi } from '../xen/versions.js';
import type { XenImage } from '../xen/image.js';
import type { StackedPayload } from '../xen/stack.js';
import type { ChangedObject, PairDiff } from './artifacts.js';
import type { FunctionVerdict } from './prove-functions.js';

/** What the user wants of the payload, beside the change itself. */
export interface PayloadWishes {
  readonly abi: PayloadAbi;
  /** Build-id that must be the top of the stack when the payload is applied. */
  readonly depends: Uint8Array;
  /** Build-id of the hypervisor. */
  readonly xenDepends: Uint8Array;
  /** Fill in addresses instead of leaving names to the loader. */
  readonly prelink: boolean;
  /** Meant for REPLACE: new symbols get a mark, so that it loads beside the payloads it replaces. */
  readonly replace: boolean;
  /** Contents of .modinfo, `key=value` each; none, no section. */
  readonly modinfo: readonly string[];
  /** Prove what is replaced and relied on to be what the image holds. */
  readonly proveBase?: boolean;
  /** Let the loader compare the bytes that it replaces. */
  readonly expect?: boolean;
}

export interface PayloadRequest extends Artifact {
  readonly kind: 'payload-request';
  readonly diffs: readonly PairDiff[];
  readonly image: XenImage;
  /** Oldest first. */
  readonly stack: readonly StackedPayload[];
  readonly wishes: PayloadWishes;
}

/** What every later artifact still knows of the request. */
export interface Context {
  readonly image: XenImage;
  readonly stack: readonly StackedPayload[];
  readonly wishes: PayloadWishes;
  /** Objects with a graph, by name. IncludedAtom.object counts in here. */
  readonly objects: readonly ChangedObject[];
}

export interface Selection extends Artifact {
  readonly kind: 'selection';
  readonly context: Context;
  /** Where the closure begins: changed functions and hooks. */
  readonly roots: readonly {
    readonly object: number;
    readonly atom: number;
    readonly reason: 'changed' | 'hook';
  }[];
}

export interface IncludedRef {
  readonly at: number;
  readonly r_type: number;
  /** Position among the included atoms, or -1. */
  readonly included: number;
  /** Position among the externals, or -1. */
  readonly external: number;
  readonly value: number;
  readonly correction: number;
  readonly high: number;
}

export interface IncludedAtom {
  readonly object: number;
  readonly atom: number;
  /** Why it is here: a changed function, a hook, referred to by `from`, or describing `from`. */
  readonly reason: 'changed' | 'hook' | 'referenced' | 'describes';
  readonly from: number;
  readonly refs: readonly IncludedRef[];
}

/** A symbol that the running hypervisor, or an earlier payload, must provide. */
export interface External {
  /** `name`, or `file#name` for a local. */
  readonly name: string;
  /** The compiler numbered it: another build may have numbered it otherwise. */
  readonly numbered: boolean;
  /** Who refers to it first: position among the included atoms, and the offset in it. */
  readonly user: number;
  readonly at: number;
}

export interface Inclusion extends Artifact {
  readonly kind: 'inclusion';
  readonly context: Context;
  readonly atoms: readonly IncludedAtom[];
  readonly externals: readonly External[];
}

/** A function of the running system that the payload replaces. */
export interface ReplacedFunction {
  /** Position of the new code among the included atoms. */
  readonly included: number;
  readonly name: string;
  /** Address in the image; undefined when an earlier payload brought the function. */
  readonly oldAddress: bigint | undefined;
  readonly oldSize: number;
  readonly newSize: number;
  /** The first bytes of the old function in the running hypervisor, at most 31; none when they are not known. */
  readonly expectation?: Uint8Array;
}

/** What the proof of the base came to for a function that the payload replaces, or of which it takes for granted how it is. */
export interface BaseFunction {
  /** As Xen's own table spells it. */
  readonly name: string;
  readonly role: 'replaced' | 'relied on';
  readonly verdict: FunctionVerdict['verdict'];
  /** Why it is not proven; '' when it is. */
  readonly reason: string;
}

/** What an external is bound to. */
export interface Binding {
  readonly name: string;
  readonly address: bigint | undefined;
}

export interface ResolvedPayload extends Artifact {
  readonly kind: 'resolved-payload';
  readonly context: Context;
  readonly atoms: readonly IncludedAtom[];
  readonly bindings: readonly Binding[];
  readonly replaced: readonly ReplacedFunction[];
  /** Absent when the base was not proven. */
  readonly base?: readonly BaseFunction[];
}

export interface NamedPayload extends Artifact, Omit<ResolvedPayload, 'kind'> {
  readonly kind: 'named-payload';
  /** Symbol name of each included atom that gets a symbol of its own; '' for the others. */
  readonly symbolNames: readonly string[];
}

/** Where an included atom lies: output section by position, and bytes from its start. */
export interface Placement {
  readonly section: number;
  readonly start: number;
}

export interface LaidOutPayload extends Artifact {
  readonly kind: 'laid-out-payload';
  readonly resolved: NamedPayload;
  readonly object: OutputObject;
  readonly placements: readonly Placement[];
}

export interface FinishedPayload extends Artifact {
  readonly kind: 'finished-payload';
  readonly bytes: Uint8Array;
  readonly buildId: Uint8Array;
  readonly resolved: NamedPayload;
  readonly object: OutputObject;
}
