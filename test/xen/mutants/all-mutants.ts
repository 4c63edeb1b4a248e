/** All mutants, in the order in which they go to the hypervisor. */
import { FOREIGN_MUTANTS } from './foreign-mutants.js';
import { FUNCTION_MUTANTS, LASTING_MUTANTS } from './function-mutants.js';
import { HEADER_MUTANTS } from './header-mutants.js';
import type { Mutant } from './mutant.js';
import { NOTE_MUTANTS } from './note-mutants.js';
import { RANDOM_MUTANTS } from './random-mutants.js';
import { SECTION_MUTANTS } from './section-mutants.js';
import { SYMBOL_MUTANTS } from './symbol-mutants.js';
import { TABLE_MUTANTS } from './table-mutants.js';

/** Those after which the host is as it was. */
const MENDED_MUTANTS: readonly Mutant[] = [
  ...HEADER_MUTANTS,
  ...SECTION_MUTANTS,
  ...SYMBOL_MUTANTS,
  ...NOTE_MUTANTS,
  ...FUNCTION_MUTANTS,
  ...TABLE_MUTANTS,
  ...RANDOM_MUTANTS,
];

/** Of payloads that are ours, so they can be made anywhere. */
export const OWN_MUTANTS: readonly Mutant[] = [...MENDED_MUTANTS, ...LASTING_MUTANTS];

/** With those of payloads that are built from Xen's source. One host serves all. */
export const ALL_MUTANTS: readonly Mutant[] = [...MENDED_MUTANTS, ...FOREIGN_MUTANTS, ...LASTING_MUTANTS];
