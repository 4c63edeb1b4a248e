/** What leads to a function, as people and programs are told: branches, pointers, what alternatives write, addresses taken. */

export type SiteKind = 'call' | 'jump' | 'conditional jump';

export interface CallSite {
  readonly address: string;
  readonly kind: SiteKind;
  /** `do_domctl+0x1f3`. */
  readonly place: string;
  /** The function that holds it. */
  readonly caller: string;
  /** Of its page. */
  readonly permissions: string;
  /** Its instruction. */
  readonly old: string;
  /** The code that holds it: a function, or a part of one. */
  readonly holder: { readonly address: string; readonly size: number };
}

/** Eight bytes of data that hold the address of the function. */
export interface Slot {
  readonly address: string;
  readonly place: string;
  /** Whether the page is read-only, so that its permissions must be lifted. */
  readonly constant: boolean;
  readonly permissions: string;
}

/** A branch that an alternative of the hypervisor puts there, or put there at boot. */
export interface AlternativeSite {
  readonly address: string;
  readonly place: string;
  readonly how: 'replacement' | 'through a pointer';
}

/** Where the address is taken: where the pointer goes from there cannot be seen. */
export interface AddressUse {
  readonly address: string;
  readonly place: string;
  /** The instruction, or what else it is: `lea`, `boot code, lea`, `boot data`. */
  readonly by: string;
}
