/**
 * The live-patch operation of the sysctl hypercall, as the tool passes it and as it comes back.
 *
 * Handles (pointers into the caller's memory) are the bytes that they lead to, or a word for what is wrong with
 * them: `outside` is no address of the caller at all and fails where handles are looked at; `unmapped` fails where
 * bytes are copied, which is later. Source: struct xen_sysctl_livepatch_op in xen/include/public/sysctl.h.
 */

/** XEN_SYSCTL_LIVEPATCH_*. */
export const OperationCommand = { UPLOAD: 0, GET: 1, LIST: 2, ACTION: 3 } as const;

/** LIVEPATCH_ACTION_*. */
export const ActionCommand = { UNLOAD: 1, REVERT: 2, APPLY: 3, REPLACE: 4 } as const;
export type ActionName = keyof typeof ActionCommand;

/** LIVEPATCH_STATE_*. */
export const PayloadState = { CHECKED: 1, APPLIED: 2 } as const;

/** LIVEPATCH_ACTION_APPLY_NODEPS: do not ask what the payload goes on top of. */
export const ACTION_APPLY_NODEPS = 1;

/** LIVEPATCH_FLAG_FORCE of the operation itself. Since 4.19; nothing asks for it yet. */
export const FLAG_FORCE = 1;

/** XEN_LIVEPATCH_NAME_SIZE: bytes of a name with the NUL behind it. */
export const NAME_SIZE = 128;

/** LIVEPATCH_MAX_SIZE: the largest payload, in bytes. */
export const MAX_PAYLOAD_BYTES = 2 << 20;

/** Default time for all processors to come together, in nanoseconds: MILLISECS(30). */
export const DEFAULT_TIMEOUT = 30_000_000;

/** What a handle of the caller leads to. */
export type Handle = Uint8Array | 'outside' | 'unmapped';

/** struct xen_livepatch_name. */
export interface OperationName {
  readonly name: Handle;
  /** 1 to 128, with the NUL; an uint16_t. */
  readonly size: number;
  /** Three of them, all zero. */
  readonly pad: readonly number[];
}

/** A buffer that LIST fills: how many bytes the caller has mapped there, or what is wrong with its address. */
export type CallerBuffer = number | 'outside';

interface Common {
  /** `pad` up to 4.18, which must be 0; since 4.19 `flags`. An uint32_t. */
  readonly flags: number;
}

export interface UploadOperation extends Common {
  readonly cmd: typeof OperationCommand.UPLOAD;
  readonly name: OperationName;
  /** Bytes of the file as the caller says; an uint64_t. */
  readonly size: number;
  readonly payload: Handle;
}

export interface GetOperation extends Common {
  readonly cmd: typeof OperationCommand.GET;
  readonly name: OperationName;
}

export interface ListOperation extends Common {
  readonly cmd: typeof OperationCommand.LIST;
  /** The first payload to tell of. */
  readonly idx: number;
  /** How many at most, up to 1024; 0 asks for their number and the sizes. */
  readonly nr: number;
  readonly pad: number;
  /** What the caller says of its buffers; looked at since 4.21. */
  readonly name_total_size: number;
  readonly metadata_total_size: number;
  readonly status: CallerBuffer;
  readonly name: CallerBuffer;
  readonly len: CallerBuffer;
  readonly metadata: CallerBuffer;
  readonly metadata_len: CallerBuffer;
}

export interface ActionOperation extends Common {
  readonly cmd: typeof OperationCommand.ACTION;
  readonly name: OperationName;
  /** One of ActionCommand, or anything. */
  readonly action: number;
  /** Nanoseconds, an uint32_t; 0 is the default. */
  readonly timeout: number;
  /** ACTION_APPLY_NODEPS; not looked at before 4.14. */
  readonly actionFlags: number;
  /** Zero; not looked at before 4.14. */
  readonly pad: number;
}

/** Any other command. `cmd` is not one of OperationCommand. */
export interface UnknownOperation extends Common {
  readonly cmd: 'unknown';
}

export type Operation = UploadOperation | GetOperation | ListOperation | ActionOperation | UnknownOperation;

/** struct xen_livepatch_status. */
export interface PayloadStatus {
  /** One of PayloadState. */
  readonly state: number;
  /** 0, or a negated error number; -EAGAIN while work is pending. */
  readonly rc: number;
}

/** One payload of a list. */
export interface ListEntry extends PayloadStatus {
  readonly name: string;
  /** The strings of `.modinfo`, each with its NUL. */
  readonly metadata: Uint8Array;
}

/** What LIST writes back. */
export interface ListAnswer {
  /** Changes when a payload comes or goes. */
  readonly version: number;
  /** How many there are beyond those told of. */
  readonly nr: number;
  readonly name_total_size: number;
  readonly metadata_total_size: number;
  readonly entries: readonly ListEntry[];
}

export interface Answer {
  /** What the hypercall returns: 0, the number of entries of a list, or a negated error number. */
  readonly rc: number;
  /** Why it was refused, for people. */
  readonly why?: string;
  /** Of GET, when it succeeds. */
  readonly status?: PayloadStatus;
  /** Of LIST, when it got as far as the list. */
  readonly list?: ListAnswer;
}
