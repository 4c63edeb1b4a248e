/**
 * The ways to splice new functions into a running hypervisor, for each function what each way takes: data for people
 * and programs, made of a payload that is loaded beside the hypervisor and nothing changed yet.
 *
 *   in place     the new bytes over the old ones
 *   at callers   every call, jump and pointer to the old function is turned to the new one
 *   trampoline   a jump over the start of the old one: what Xen does
 */

import type { AddressUse, AlternativeSite, CallSite, Slot } from '../atlas/call-sites.js';
import type { SpliceWay } from '../model/payload-artifacts.js';

/** Why a way cannot be gone; empty when it can. */
export interface Way {
  /** Whether there are no obstacles. */
  readonly possible: boolean;
  /** Why it cannot be gone, a clause each. */
  readonly obstacles: readonly string[];
  /** Functions that no CPU may be in, nor have on its stack, while the splice is made. */
  readonly quiet: readonly string[];
}

/** Bytes that change, from instruction to instruction. */
export interface Span {
  /** Of the first byte, in hexadecimal with 0x. */
  readonly address: string;
  /** Of its page. */
  readonly permissions: string;
  /** In hexadecimal, a space between bytes. */
  readonly old: string;
  /** The same, as it will be. */
  readonly new: string;
}

/** The new bytes over the old ones. */
export interface InPlaceWay extends Way {
  /** Bytes of the old function and of the filler behind it. */
  readonly room: number;
  /** Bytes that the new one has too many; 0 when it fits. */
  readonly excess: number;
  /** What would change; empty when it does not fit. */
  readonly spans: readonly Span[];
}

/** Every call, jump and pointer is turned to the new function. */
export interface CallersWay extends Way {
  /** Calls and jumps. */
  readonly sites: readonly CallSite[];
  /** Pointers in data. */
  readonly slots: readonly Slot[];
  /** Branches that alternatives make. */
  readonly alternatives: readonly AlternativeSite[];
  /** What is left that goes to the old function all the same, if anything does. */
  readonly uses: readonly AddressUse[];
}

/** How an obstacle to a jump begins that makes it of less use, and not impossible. */
export const LED_PAST = 'code that runs leads past its entry';

/** A jump over the start of the old function. */
export interface TrampolineWay extends Way {
  /** Bytes behind the entry where the jump goes: 4 behind an endbr64. */
  readonly jumpAt: number;
  /** From the end of the jump to the new function. */
  readonly distance: number;
  /** Places that lead past the entry, into the middle of the old function, from code that runs. */
  readonly entered: readonly string[];
}

/** The ways of one function. */
export interface FunctionPlan {
  /** Its symbol. */
  readonly name: string;
  /** Name of the payload that replaces it. */
  readonly payload: string;
  /** Of the old function, in hexadecimal with 0x. */
  readonly address: string;
  /** Bytes of the old function. */
  readonly oldSize: number;
  /** Bytes of the new one. */
  readonly newSize: number;
  /** What it takes to write over it. */
  readonly inPlace: InPlaceWay;
  /** What it takes to turn its callers. */
  readonly callers: CallersWay;
  /** What it takes to jump from its start. */
  readonly trampoline: TrampolineWay;
  /** The way that a build took. */
  readonly way?: SpliceWay;
}

/** What a payload says in .xsplice.splices of one function. */
export interface SplicedAlready {
  /** Its symbol. */
  readonly name: string;
  /** Name of the payload. */
  readonly payload: string;
  /** How it is spliced. */
  readonly way: 'in-place' | 'callers';
  /** What changes, with symbols. */
  readonly places: readonly string[];
}

/** The ways to splice the functions of payloads. */
export interface SplicePlan {
  /** Path of the image. */
  readonly image: string;
  /** Functions that the payloads splice otherwise than by a jump already. */
  readonly spliced: readonly SplicedAlready[];
  /** In the order of the payloads and of their records. */
  readonly functions: readonly FunctionPlan[];
}
