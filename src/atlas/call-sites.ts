/** What leads to a function, as people and programs are told: branches, pointers, what alternatives write, addresses taken. */

export type SiteKind = 'call' | 'jump' | 'conditional jump';

/** A call or a jump of the hypervisor that leads to the function. */
export interface CallSite {
  /** Of the instruction, in hexadecimal with 0x. */
  readonly address: string;
  /** The form of the instruction. */
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
  readonly holder: {
    /** In hexadecimal with 0x. */
    readonly address: string;
    /** Bytes. */
    readonly size: number;
  };
}

/** Eight bytes of data that hold the address of the function. */
export interface Slot {
  /** Where, in hexadecimal with 0x. */
  readonly address: string;
  /** The same with its symbol. */
  readonly place: string;
  /** Whether the page is read-only, so that its permissions must be lifted. */
  readonly constant: boolean;
  /** Of its page: `r--`, `rw-`. */
  readonly permissions: string;
}

/** A branch that an alternative of the hypervisor puts there, or put there at boot. */
export interface AlternativeSite {
  /** Where, in hexadecimal with 0x. */
  readonly address: string;
  /** The same with its symbol. */
  readonly place: string;
  /** As instructions that replace others, or as a call through a pointer that booting makes a direct one. */
  readonly how: 'replacement' | 'through a pointer';
}

/** Where the address is taken: where the pointer goes from there cannot be seen. */
export interface AddressUse {
  /** Where, in hexadecimal with 0x. */
  readonly address: string;
  /** The same with its symbol: `do_domctl+0x12`. */
  readonly place: string;
  /** The instruction, or what else it is: `lea`, `boot code, lea`, `boot data`. */
  readonly by: string;
}
