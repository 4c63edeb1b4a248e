/**
 * A mutant: a good payload, broken in one way, and what is done with it then. What the hypervisor answers to it is
 * recorded (golden/mutants), so a mutant that is changed is a mutant to be looked at anew.
 */
import type { OwnPayload } from './own-payloads.js';
import { PayloadEdit } from './payload-edit.js';

/** What can be done with a payload that is loaded. */
export type Action = 'apply' | 'revert' | 'replace' | 'unload';

export interface Mutant {
  /** `area/what`, unique; also the path of the file in the guest. */
  readonly name: string;
  /** The good payload: one of ours, or one that is built from Xen's source. */
  readonly of: string;
  /** What is broken, in words. */
  readonly rule: string;
  readonly mutate: (good: Uint8Array) => Uint8Array;
  /** What is done after the upload, if that succeeds; it is unloaded at the end in any case. */
  readonly then?: readonly Action[];
  /** Good payloads of ours that are loaded before, under their own names. */
  readonly before?: readonly { readonly payload: OwnPayload; readonly applied: boolean }[];
}

/** The name under which every mutant is uploaded. */
export const MUTANT = 'mutant';

export const APPLIED: readonly Action[] = ['apply', 'revert'];

type More = Pick<Mutant, 'then' | 'before'>;

export type Draft = readonly [
  what: string,
  rule: string,
  edit: (payload: PayloadEdit) => unknown,
  more?: More,
];

/** Mutants of one payload, each by edits. */
export function mutantsOf(of: string, area: string, drafts: readonly Draft[]): Mutant[] {
  return drafts.map(([what, rule, edit, more = {}]) => ({
    ...{ name: `${area}/${what}`, of, rule },
    mutate: (good) => {
      const payload = new PayloadEdit(good);
      edit(payload);
      return payload.bytes();
    },
    ...more,
  }));
}
