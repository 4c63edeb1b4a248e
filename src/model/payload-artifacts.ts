/** The artifacts of the second half: from what changed to the payload's bytes. */
import type { Artifact } from '../engine/artifact.js';
import type { OutputObject } from '../elf/write.js';
import type { PayloadAbi } from '../xen/versions.js';
import type { XenImage } from '../xen/image.js';
import type { SpliceKindName } from '../xen/splice-records.js';
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
  /** Where the closure begins: changed functions, hooks, and what a pass of the user named. */
  readonly roots: readonly {
    readonly object: number;
    readonly atom: number;
    readonly reason: 'changed' | 'hook' | 'named';
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
  /** Why it is here: a changed function, a hook, named by a pass of the user, referred to by `from`, or describing `from`. */
  readonly reason: 'changed' | 'hook' | 'named' | 'referenced' | 'describes';
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
  /**
   * Position of the new code among the included atoms.
   * @internal
   */
  readonly included: number;
  /** As the symbol table of the image spells it. */
  readonly name: string;
  /** Address in the image; undefined when an earlier payload brought the function. */
  readonly oldAddress: bigint | undefined;
  /** Bytes of the old function, from its symbol. */
  readonly oldSize: number;
  /** Bytes of the new one. */
  readonly newSize: number;
  /** The first bytes of the old function in the running hypervisor, at most 31; none when they are not known. */
  readonly expectation?: Uint8Array;
}

/** A way to put new code in the place of old: docs/payload-format.md. */
export type SpliceWay = 'trampoline' | 'in-place' | 'callers';

/** Bytes of the hypervisor that a splice changes, as the plan found them. */
export interface SplicePlace {
  readonly kind: SpliceKindName;
  readonly address: bigint;
  readonly old: Uint8Array;
  /** As they will be, but for the fields that fixups fill. */
  readonly new: Uint8Array;
  /** Where they stand in the new function; -1 for what is not its code. */
  readonly from: number;
  /** The code that holds the place; undefined for data. */
  readonly holder: { readonly address: bigint; readonly size: number } | undefined;
  /** Of its page, as SplicePermission. */
  readonly permissions: number;
}

/** A function that is spliced in another way than by a jump at its start. */
export interface SplicedFunction {
  /** Position among the replaced functions. */
  readonly function: number;
  readonly way: 'in-place' | 'callers';
  readonly places: readonly SplicePlace[];
}

/** A payload with jumps for all functions, and what is to be spliced otherwise. */
export interface SpliceRequest extends Artifact {
  readonly kind: 'splice-request';
  readonly resolved: NamedPayload;
  readonly spliced: readonly SplicedFunction[];
}

/** A name that the loader finds, and how far from it something is. */
export interface Anchor {
  readonly name: string;
  /** Of the name. */
  readonly address: bigint;
  readonly distance: number;
}

export interface BoundPlace extends SplicePlace {
  readonly anchor: Anchor;
  readonly holderAnchor: Anchor | undefined;
  readonly fixups: readonly SpliceFixupPlan[];
}

export interface SpliceFixupPlan {
  readonly at: number;
  readonly r_type: number;
  /** What the field designates, as in IncludedRef; its addend, the distance to the end of the instruction deducted. */
  readonly included: number;
  readonly external: number;
  readonly addend: number;
}

/** A spliced function with everything bound to names. */
export interface BoundSplice {
  readonly function: number;
  readonly way: 'in-place' | 'callers';
  readonly anchor: Anchor;
  readonly places: readonly BoundPlace[];
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
  /** Functions that get no jump; none unless another way was asked for. */
  readonly splices?: readonly BoundSplice[];
  /** Included atoms, by position, whose code goes over the old one and is not in the payload itself, ascending. */
  readonly omitted?: readonly number[];
}

/** Where an included atom lies: output section by position, and bytes from its start; -1 for one that is omitted. */
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

/** A payload as it is to be written, and what it replaces. */
export interface FinishedPayload extends Artifact {
  /** Always `finished-payload`. */
  readonly kind: 'finished-payload';
  /** The file: a relocatable ELF64 object, docs/payload-format.md. */
  readonly bytes: Uint8Array;
  /** Of the payload itself: what a later one depends on. 20 bytes, a hash of the rest of it. */
  readonly buildId: Uint8Array;
  /** Functions that it replaces, in the order of their records. */
  readonly replaced: readonly ReplacedFunction[];
  /** @internal */
  readonly resolved: NamedPayload;
  /** @internal */
  readonly object: OutputObject;
}
