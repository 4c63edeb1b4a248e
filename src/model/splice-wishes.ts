/** Which way functions are to be spliced, as users and manifests spell it: `auto`, `do_domctl=callers`. */
import type { SpliceWay } from './payload-artifacts.js';

/** A way to splice, or `auto`: in place or at the callers where that is open, else by a jump. */
export type SpliceChoice = SpliceWay | 'auto';

/** A way for one function, or for all of which nothing else is said. */
export interface SpliceWish {
  /** The function that is meant; all of them without. */
  readonly function?: string;
  /** How it is to be spliced. */
  readonly way: SpliceChoice;
}

export const SPLICE_CHOICES: readonly SpliceChoice[] = ['trampoline', 'in-place', 'callers', 'auto'];

/** The wish of `--splice`: a way, or FUNCTION=WAY. Undefined for what is no wish. */
export function parseSpliceWish(text: string): SpliceWish | undefined {
  const cut = text.lastIndexOf('=');
  const way = SPLICE_CHOICES.find((choice) => choice === text.slice(cut + 1));
  if (way === undefined || cut === 0) return undefined;
  return cut < 0 ? { way } : { function: text.slice(0, cut), way };
}

/** As `parseSpliceWish` reads it. */
export function spellSpliceWish({ function: name, way }: SpliceWish): string {
  return name === undefined ? way : `${name}=${way}`;
}

/** What is wished for a function: the last that names it, or else the last for all. */
export function wishFor(wishes: readonly SpliceWish[], name: string): SpliceChoice | undefined {
  const own = wishes.findLast((wish) => wish.function === name);
  return (own ?? wishes.findLast((wish) => wish.function === undefined))?.way;
}
