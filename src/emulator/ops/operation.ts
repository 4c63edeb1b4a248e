/**
 * A row of the operation table: which instructions it covers, what they do, and what a prover has to know of them.
 */
import type { Builder } from '../builder.js';
import type { Instruction } from '../instruction.js';
import { Flag } from '../state.js';

/** What decides which flags an instruction leaves undefined. */
export interface Use {
  readonly instruction: Instruction;
  /** The shift count as the instruction takes it: from cl or an immediate, not yet masked. */
  readonly count: number;
}

export interface Operation {
  readonly name: string;
  /** iced's names of the mnemonics. */
  readonly mnemonics: readonly string[];
  /** Of a mnemonic that means two things (movsd), the forms that this operation covers. */
  readonly forms?: RegExp;
  readonly semantics: (b: Builder) => void;
  /** Status flags that it sets to something. */
  readonly defines: number;
  /** Status flags that it leaves undefined, per SDM vol. 2. */
  readonly undefines?: (use: Use) => number;
  /** Numbers of general registers that it uses without naming them. */
  readonly implicit?: readonly number[];
  /** Values of operands worth trying, beside those that are worth it everywhere. */
  readonly seeds?: readonly bigint[];
  /** Why a user program on a real processor cannot show what it does; the device or the machine says it instead. */
  readonly notOnHost?: string;
}

export const CF = Flag.cf;
export const PF = Flag.pf;
export const AF = Flag.af;
export const ZF = Flag.zf;
export const SF = Flag.sf;
export const OF = Flag.of;
export const ALL_STATUS = CF | PF | AF | ZF | SF | OF;
