/** All mutants, in the order in which they go to the hypervisor. */
import { FOREIGN_MUTANTS } from './foreign-mutants.js';
import { FUNCTION_MUTANTS } from './function-mutants.js';
import { HEADER_MUTANTS } from './header-mutants.js';
import type { Mutant } from './mutant.js';
import { NOTE_MUTANTS } from './note-mutants.js';
import { RANDOM_MUTANTS } from './random-mutants.js';
import { SECTION_MUTANTS } from './section-mutants.js';
import { SYMBOL_MUTANTS } from './symbol-mutants.js';
import { TABLE_MUTANTS } from './table-mutants.js';

/** Of payloads that are ours, so they can be made anywhere. */
export const OWN_MUTANTS: readonly Mutant[] = [
  ...HEADER_MUTANTS,
  ...SECTION_MUTANTS,
  ...SYMBOL_MUTANTS,
  ...NOTE_MUTANTS,
  ...FUNCTION_MUTANTS,
  ...TABLE_MUTANTS,
  ...RANDOM_MUTANTS,
];

/** With those of payloads that are built from Xen's source. */
export const ALL_MUTANTS: readonly Mutant[] = [...OWN_MUTANTS, ...FOREIGN_MUTANTS];
