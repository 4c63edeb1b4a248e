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
  readonly possible: boolean;
  readonly obstacles: readonly string[];
  /** Functions that no CPU may be in, nor have on its stack, while the splice is made. */
  readonly quiet: readonly string[];
}

/** Bytes that change, from instruction to instruction. */
export interface Span {
  readonly address: string;
  /** Of its page. */
  readonly permissions: string;
  readonly old: string;
  readonly new: string;
}

export interface InPlaceWay extends Way {
  /** Bytes of the old function and of the filler behind it. */
  readonly room: number;
  /** Bytes that the new one has too many; 0 when it fits. */
  readonly excess: number;
  readonly spans: readonly Span[];
}

export interface CallersWay extends Way {
  readonly sites: readonly CallSite[];
  readonly slots: readonly Slot[];
  readonly alternatives: readonly AlternativeSite[];
  /** What is left that goes to the old function all the same, if anything does. */
  readonly uses: readonly AddressUse[];
}

/** How an obstacle to a jump begins that makes it of less use, and not impossible. */
export const LED_PAST = 'code that runs leads past its entry';

export interface TrampolineWay extends Way {
  /** Bytes behind the entry where the jump goes: 4 behind an endbr64. */
  readonly jumpAt: number;
  /** From the end of the jump to the new function. */
  readonly distance: number;
  /** Places that lead past the entry, into the middle of the old function, from code that runs. */
  readonly entered: readonly string[];
}

export interface FunctionPlan {
  readonly name: string;
  readonly payload: string;
  readonly address: string;
  readonly oldSize: number;
  readonly newSize: number;
  readonly inPlace: InPlaceWay;
  readonly callers: CallersWay;
  readonly trampoline: TrampolineWay;
  /** The way that a build took. */
  readonly way?: SpliceWay;
}

/** What a payload says in .xsplice.splices of one function. */
export interface SplicedAlready {
  readonly name: string;
  readonly payload: string;
  readonly way: 'in-place' | 'callers';
  readonly places: readonly string[];
}

export interface SplicePlan {
  readonly image: string;
  /** Functions that the payloads splice otherwise than by a jump already. */
  readonly spliced: readonly SplicedAlready[];
  readonly functions: readonly FunctionPlan[];
}
