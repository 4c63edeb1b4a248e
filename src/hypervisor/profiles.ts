/**
 * What the live-patch loaders of Xen's releases do differently. A profile is one release; the loader asks it and
 * never compares versions. Sources: xen/common/livepatch.c, xen/common/livepatch_elf.c, xen/arch/x86/livepatch.c,
 * xen/arch/x86/alternative.c of the releases; `4.17` is 4.17.4 and later, to which much of 4.19 was carried back.
 */
import type { ProfileName } from '../xen/profile-names.js';
import { ABIS } from '../xen/versions.js';
import type { PayloadAbi } from '../xen/versions.js';

export const HOOK_KINDS = [
  'load',
  'unload',
  'preapply',
  'apply',
  'postapply',
  'prerevert',
  'revert',
  'postrevert',
] as const;
export type HookKind = (typeof HOOK_KINDS)[number];

export type { ProfileName };

export interface LoaderProfile {
  readonly name: ProfileName;
  readonly abi: PayloadAbi;
  /** Hooks it knows; sections of others are data to it. 4.8: load and unload. 4.14: all. */
  readonly hooks: readonly HookKind[];
  /** Why a payload is refused is always printed; before 4.13 only by a debug build. */
  readonly printsErrors: boolean;
  /** sh_addralign must be a power of two that sh_addr is a multiple of. Since 4.10. */
  readonly checksAlignment: boolean;
  /** Sections without bytes in the file may have 2 MiB at most. Since 4.8. */
  readonly limitsNobits: boolean;
  /** Relocations without a symbol are refused, not followed through a pointer that nobody set. Since 4.10. */
  readonly checksRelocationSymbol: boolean;
  /** An `.ex_table` without entries is refused. Before 4.8. */
  readonly refusesEmptyExTable: boolean;
  /** `.livepatch.funcs` must be there. Up to 4.13. */
  readonly funcsRequired: boolean;
  /** A record without new_addr fills the old function with NOPs. Since 4.8. */
  readonly nops: boolean;
  /** `.xsplice.splices` changes code and pointers where they are. The first design only. */
  readonly splices: boolean;
  /** The trampoline stands behind an endbr64 (or what took its place). Since 4.17. */
  readonly skipsEndbr: boolean;
  /** Sizes are checked before old_addr is looked up by name. Up to 4.16. */
  readonly verifiesBeforeResolving: boolean;
  /** new_addr must be within 2 GiB of old_addr. Since 4.8. */
  readonly checksDistance: boolean;
  /** ALLOC sections without bytes are loaded, so symbols in them resolve. Since 4.17. */
  readonly loadsEmptySections: boolean;
  /** Relocations against symbols of sections that are not loaded are refused. Since 4.17. */
  readonly refusesIgnoredSymbols: boolean;
  readonly altInstrSize: 12 | 14;
  /** Bit 15 of an alternative's feature turns its meaning round. Since 4.17. */
  readonly altPolarity: boolean;
  /** Calls through pointers are alternatives that call themselves. 4.12 to 4.20. */
  readonly altCallsInAlternatives: boolean;
  /** Alternatives must lie inside the payload's text. Since 4.17.4. */
  readonly checksAlternatives: boolean;
  /** Impossible alternatives are refused; before 4.20 they are BUG()s. */
  readonly refusesAlternatives: boolean;
  /** `.alt_call_sites` instead of alternatives for calls through pointers. Since 4.21. */
  readonly altCallSites: boolean;
  /** Replacements may end with a jump to the return thunk. Since 4.21. */
  readonly returnThunks: boolean;
  /** Applied flag and saved bytes are kept in the record itself, which must be writable. Before 4.17.3. */
  readonly stateInRecord: boolean;
  /** The hypervisor's build-id is compared right after parsing. Since 4.20. */
  readonly buildIdFirst: boolean;
  /** What is wrong with a note is told apart; before 4.20 all of it is EINVAL. */
  readonly exactNoteErrors: boolean;
  /** Refuses to apply again after a revert when there is writable data. Since 4.8. */
  readonly checksReapply: boolean;
  readonly expectations: boolean;
  readonly metadata: boolean;
  /** ACTION takes flags (NODEPS). Since 4.14. */
  readonly actionFlags: boolean;
  /** The operation has `flags` (FORCE is bit 0) in the place of `pad`. Since 4.19. */
  readonly operationFlags: boolean;
  /** How text is made writable while it is patched. */
  readonly relaxes: 'cr0.wp' | 'permissions';
  /** Permissions of read-only data are relaxed as well, where they are. Since 4.17.4. */
  readonly relaxesRodata: boolean;
  /** An array of bug frames is told by its end, not its length (struct virtual_region). Since 4.19. */
  readonly framesByEnd: boolean;
  /** NOBITS sections are cleared at each apply. Up to 4.7, whose payloads may be applied again and again. */
  readonly clearsBss: boolean;
  /** Work is done in the idle loop alone; before 4.14 a processor does it on its way back to a guest as well. */
  readonly idleLoopOnly: boolean;
  /** Processors stop wherever they are, and what is on their stacks decides. The first design only. */
  readonly checksStacks: boolean;
  /** Since when faults and BUG()s in the payload's code are found: from upload on, or only while it is applied. */
  readonly regionFrom: 'upload' | 'apply';
  /** No payload may be applied while a vCPU sleeps in a wait queue. Since 4.13. */
  readonly checksWaitqueues: boolean;
  /** LIST answers ENOBUFS when the buffers are too small. Since 4.21. */
  readonly listChecksBuffers: boolean;
  /** NCAPINTS: words of feature bits, those of the processor and the hypervisor's own. */
  readonly capabilityWords: number;
}

const V417: LoaderProfile = {
  name: '4.17',
  abi: ABIS['livepatch-v2'],
  hooks: HOOK_KINDS,
  printsErrors: true,
  checksAlignment: true,
  limitsNobits: true,
  checksRelocationSymbol: true,
  refusesEmptyExTable: false,
  funcsRequired: false,
  nops: true,
  splices: false,
  skipsEndbr: true,
  verifiesBeforeResolving: false,
  checksDistance: true,
  loadsEmptySections: true,
  refusesIgnoredSymbols: true,
  altInstrSize: 14,
  altPolarity: true,
  altCallsInAlternatives: true,
  checksAlternatives: true,
  refusesAlternatives: false,
  altCallSites: false,
  returnThunks: false,
  stateInRecord: false,
  buildIdFirst: false,
  exactNoteErrors: false,
  checksReapply: true,
  expectations: true,
  metadata: true,
  actionFlags: true,
  operationFlags: false,
  relaxes: 'permissions',
  relaxesRodata: true,
  framesByEnd: false,
  clearsBss: false,
  idleLoopOnly: true,
  checksStacks: false,
  regionFrom: 'upload',
  checksWaitqueues: true,
  listChecksBuffers: false,
  capabilityWords: 21,
};

const V414: LoaderProfile = {
  ...V417,
  name: '4.14',
  skipsEndbr: false,
  verifiesBeforeResolving: true,
  loadsEmptySections: false,
  refusesIgnoredSymbols: false,
  altPolarity: false,
  checksAlternatives: false,
  stateInRecord: true,
  relaxes: 'cr0.wp',
  relaxesRodata: false,
  regionFrom: 'apply',
  capabilityWords: 13,
};

const V47: LoaderProfile = {
  ...V414,
  name: '4.7',
  abi: ABIS['livepatch-v1'],
  hooks: [],
  printsErrors: false,
  checksAlignment: false,
  limitsNobits: false,
  checksRelocationSymbol: false,
  refusesEmptyExTable: true,
  funcsRequired: true,
  nops: false,
  checksDistance: false,
  altInstrSize: 12,
  altCallsInAlternatives: false,
  checksReapply: false,
  expectations: false,
  metadata: false,
  actionFlags: false,
  checksWaitqueues: false,
  clearsBss: true,
  idleLoopOnly: false,
  capabilityWords: 10,
};

const V419: LoaderProfile = { ...V417, name: '4.19', operationFlags: true, framesByEnd: true };

const V420: LoaderProfile = {
  ...V419,
  name: '4.20',
  refusesAlternatives: true,
  buildIdFirst: true,
  exactNoteErrors: true,
};

/**
 * The first design: as 4.7, with section names of its own, and splices. Payloads of its form are made from sources of
 * our days: so are their alternatives, and where one is replaced by nothing, its section is empty.
 */
const FIRST_DESIGN: LoaderProfile = {
  ...V47,
  name: 'xsplice-v1',
  abi: ABIS['xsplice-v1'],
  splices: true,
  checksStacks: true,
  loadsEmptySections: V417.loadsEmptySections,
  altInstrSize: V417.altInstrSize,
  altPolarity: V417.altPolarity,
  altCallsInAlternatives: V417.altCallsInAlternatives,
  checksAlternatives: V417.checksAlternatives,
  capabilityWords: V417.capabilityWords,
};

/** From the oldest to the newest. */
export const PROFILES: Readonly<Record<ProfileName, LoaderProfile>> = {
  'xsplice-v1': FIRST_DESIGN,
  '4.7': V47,
  '4.14': V414,
  '4.17': V417,
  '4.19': V419,
  '4.20': V420,
  '4.21': {
    ...V420,
    name: '4.21',
    altCallsInAlternatives: false,
    altCallSites: true,
    returnThunks: true,
    listChecksBuffers: true,
  },
};
