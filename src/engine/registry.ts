/** The chains that worker threads can run, by name. */
import type { Chain } from './pass.js';
import { DIFF_PAIR_CHAIN, PROVE_OBJECT_CHAIN } from '../pipeline.js';

const CHAINS: readonly Chain<never, unknown>[] = [DIFF_PAIR_CHAIN, PROVE_OBJECT_CHAIN];

/** The chain of that name; an unknown name is a bug. */
export function chainByName(name: string): Chain<unknown, unknown> {
  const found = CHAINS.find((chain) => chain.name === name);
  if (found === undefined) throw new Error(`no chain is named ${name}`);
  return found as Chain<unknown, unknown>;
}
