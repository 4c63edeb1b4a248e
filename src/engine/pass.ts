/**
 * What a pass is. The knowledge of this tool is the order of its passes; this file gives them three forms and
 * lets tsc check that one's output is the next one's input.
 *
 *   SerialPass   whole artifact -> whole artifact, on the main thread.
 *   Feed         artifact -> items, one at a time; the only form that may read files.
 *   Lane         a fan-out over the items of a Feed (pairs of objects). Each item runs through a chain of
 *                ItemPasses without leaving its thread: what lies between them is never posted, only the last
 *                result comes back. An ItemPass may settle its item early (`done`), which ends the chain for it.
 *
 * Passes are deterministic functions of their input and of the context's options. They never write to their
 * input, know nothing of threads, and speak to the user only through ctx.report.
 */
import type { Artifact } from './artifact.js';
import type { Weighed } from './execute.js';
import type { Report } from '../diag/diagnostic.js';
import type { Reporter } from '../xen/reporting-functions.js';
import type { TargetProfile } from '../xen/versions.js';

/** What every pass may know beside its input: plain data, the same on every thread. */
export interface PassOptions {
  readonly target: TargetProfile;
  /** Changed objects come back without their graph: linking needs it, telling what changed does not. */
  readonly dropGraphs?: boolean;
  /** Keys of losses that the user accepts: `init:setup_apic`. */
  readonly allowLost?: readonly string[];
  /** Functions to show whole, by name. */
  readonly explain?: readonly string[];
  /** Show every function whole that changed or is new. */
  readonly whole?: boolean;
  /** Functions that report lines, beside those of the target. */
  readonly reporters?: readonly Reporter[];
  /** After each pass, prove what it made; a breach throws and names the pass. */
  readonly verifyEach?: boolean;
}

export interface PassContext extends PassOptions {
  readonly report: Report;
}

interface PassName {
  /** File name, constant's name in kebab case, and the name in --time, --dump-after and diagnostics. */
  readonly name: string;
  readonly reads: string;
  readonly makes: string;
}

/** What a pass promises about the thing it makes, as sentences about what does not hold. */
interface Verified<B> {
  readonly verify?: (made: B) => readonly string[];
}

export interface SerialPass<A extends Artifact, B extends Artifact> extends PassName, Verified<B> {
  readonly run: (input: A, ctx: PassContext) => B;
}

/** An item goes on to the next pass of its lane, or is settled with the lane's result. */
export type Step<O, R> = { readonly next: O } | { readonly done: R };

export interface ItemPass<I, O, R> extends PassName, Verified<O> {
  readonly each: (item: I, ctx: PassContext) => Step<O, R>;
}

/** A chain of item passes; `chain` is untyped inside because its links differ, `lane()` builds it typed. */
export interface Chain<I, R> {
  readonly name: string;
  readonly passes: readonly ItemPass<unknown, unknown, R>[];
  /** Never set: carries the input type for tsc. */
  readonly input?: (item: I) => void;
}

/** Gives a lane its items, one at a time, when there is room for the next; may read files. */
export interface Feed<A extends Artifact, I> extends PassName {
  readonly items: (input: A, ctx: PassContext) => Iterator<Weighed<I>>;
  /** How many items there will be. */
  readonly count: (input: A) => number;
}

export interface Lane<A extends Artifact, I, R, B extends Artifact> extends PassName {
  readonly feed: Feed<A, I>;
  readonly chain: Chain<I, R>;
  readonly join: (input: A, results: readonly R[]) => B;
}

/** Throws an Error that names the pass when what it made breaks its promise. */
export function verifyMade<B>(pass: PassName & Verified<B>, made: B): void {
  const wrong = pass.verify?.(made) ?? [];
  if (wrong.length > 0) throw new Error(`${pass.name} broke its promise:\n  ${wrong.join('\n  ')}`);
}

/** Builds a chain link by link: `chainOf('diff-pair').then(parseElf).then(…).end(lastPass)`. */
export interface ChainBuilder<I, T, R> {
  then<O>(pass: ItemPass<T, O, R>): ChainBuilder<I, O, R>;
  end(pass: ItemPass<T, R, R>): Chain<I, R>;
}

export function chainOf<I, R>(name: string): ChainBuilder<I, I, R> {
  const link = <T>(passes: readonly ItemPass<unknown, unknown, R>[]): ChainBuilder<I, T, R> => ({
    // The links were checked one against the next by `then`; between them the engine sees only unknown.
    then: <O>(pass: ItemPass<T, O, R>) =>
      link<O>([...passes, pass as unknown as ItemPass<unknown, unknown, R>]),
    end: (pass) => ({ name, passes: [...passes, pass as unknown as ItemPass<unknown, unknown, R>] }),
  });
  return link<I>([]);
}
