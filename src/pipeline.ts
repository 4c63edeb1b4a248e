/**
 * THE pass list. Read it from top to bottom and you know how this tool works; each pass is a file of that name
 * in passes/.
 */
import { chainOf } from './engine/pass.js';
import type { Chain, Lane } from './engine/pass.js';
import { Pipeline } from './engine/pipeline.js';
import type { ChangedObjects, ObjectPaths, PairBytes, PairDiff } from './model/artifacts.js';
import type {
  BaseObject,
  BaseObjects,
  BaseProof,
  ObjectProof,
  ObjectProofs,
  ReliedProof,
} from './model/base-artifacts.js';
import { bundleSymbols } from '../passes/bundle-symbols.js';
import { compareContents } from '../passes/compare-contents.js';
import { cutTables } from '../passes/cut-tables.js';
import { correlateObjects } from '../passes/correlate-objects.js';
import { diffFunctions } from '../passes/diff-functions.js';
import { recogniseBuild } from '../passes/recognise-build.js';
import { explainChanges } from '../passes/explain-changes.js';
import { loadObjects } from '../passes/load-objects.js';
import { bindSplices } from '../passes/bind-splices.js';
import { checkConstants } from '../passes/check-constants.js';
import { checkPatchability } from '../passes/check-patchability.js';
import { emitLivepatchFuncs } from '../passes/emit-livepatch-funcs.js';
import { emitSplices } from '../passes/emit-splices.js';
import { emitNotes } from '../passes/emit-notes.js';
import { includeClosure } from '../passes/include-closure.js';
import { judgeBase } from '../passes/judge-base.js';
import { judgeRelied } from '../passes/judge-relied.js';
import { layOutPayload } from '../passes/lay-out-payload.js';
import { loadBaseObjects } from '../passes/load-base-objects.js';
import { nameSymbols } from '../passes/name-symbols.js';
import { expectOldBytes } from '../passes/expect-old-bytes.js';
import { proveBase } from '../passes/prove-base.js';
import { proveObjects } from '../passes/prove-objects.js';
import { resolveSymbols } from '../passes/resolve-symbols.js';
import { selectChanged } from '../passes/select-changed.js';
import type { Inclusion, PayloadRequest, Selection, SpliceRequest } from './model/payload-artifacts.js';
import { parseElf } from '../passes/parse-elf.js';
import { resolveReferences } from '../passes/resolve-references.js';

/** What happens to each pair of objects, on whatever thread. */
export const DIFF_PAIR_CHAIN: Chain<PairBytes, PairDiff> = chainOf<PairBytes, PairDiff>('diff-pair')
  // Find sections, symbols and relocations. From here on every offset and index is in bounds.
  .then(parseElf)
  // Most objects of a rebuilt tree differ in stamps and debug information only: settle them without a graph.
  .then(compareContents)
  // Cut sections into functions, objects, strings, table entries. From here on every loaded byte has one owner.
  .then(bundleSymbols)
  // Say what each relocation means. From here on no reference is spelt by section symbol.
  .then(resolveReferences)
  // Take apart what no symbol does: jump tables of several functions in one section. From here on atoms are final.
  .then(cutTables)
  // Say which atom is which, whatever the compiler numbered.
  .then(correlateObjects)
  // Say what changed, and what changed in a way that no payload can carry.
  .then(diffFunctions)
  // Say why, in instructions, while the graphs are at hand; here they are dropped unless a payload is wanted.
  .end(explainChanges);

/** The lane of pairs: the whole first half of the tool. */
const diffPairs: Lane<ObjectPaths, PairBytes, PairDiff, ChangedObjects> = {
  name: 'diff-pairs',
  reads: 'object-paths',
  makes: 'changed-objects',
  feed: loadObjects,
  chain: DIFF_PAIR_CHAIN,
  join: (_input, diffs) => ({ kind: 'changed-objects', diffs }),
};

/** From paths of objects to what changed: `xsplice-build diff`, and the first half of `build`. */
export const DIFF_PIPELINE = Pipeline.start<ObjectPaths>()
  .to(diffPairs)
  // Two builds that were not made in the same way are no patch: say it once, before all that follows from it.
  .to(recogniseBuild);

/** The second half of `build`, in three parts: passes of the user may run between them, and behind the last. */
export const SELECT_PIPELINE = Pipeline.start<PayloadRequest>()
  // What the pairs found becomes ours: from here on no change would be lost.
  .to(selectChanged);

export const CLOSE_PIPELINE = Pipeline.start<Selection>()
  // Follow references. From here on every reference ends in an included atom or in a name.
  .to(includeClosure);

export const EMIT_PIPELINE = Pipeline.start<Inclusion>()
  // Bind each name to exactly one symbol of the running system. From here on nothing is looked up by guess.
  .to(resolveSymbols)
  // Prove what is replaced, and what is relied on in the same objects, to be what runs. From here on the source of
  // these objects is that of the hypervisor.
  .to(proveBase)
  // A changed constant must not live on beside its old self in code that stays.
  .to(checkConstants)
  // Name what is new, so that later payloads find it and none that is loaded stands in its way.
  .to(nameSymbols)
  // Refuse what the loader would refuse, or die of.
  .to(checkPatchability)
  // Say what the loader is to find where it will write, if that was asked for.
  .to(expectOldBytes)
  // Give everything a place. From here on references are relocations again, of kinds that the loader applies.
  .to(layOutPayload)
  // Tell what is replaced.
  .to(emitLivepatchFuncs)
  // Tell what it depends on, and, as a hash of all the rest, who it is.
  .to(emitNotes);

/** From what changed to the bytes of a payload. */
export const PAYLOAD_PIPELINE = SELECT_PIPELINE.then(CLOSE_PIPELINE).then(EMIT_PIPELINE);

/**
 * The same payload with other ways than jumps for some functions: what these take is known once it was loaded beside the
 * hypervisor with jumps for all.
 */
export const SPLICE_PIPELINE = Pipeline.start<SpliceRequest>()
  // Say by names what changes where it is. From here on no function has both a jump and another splice.
  .to(bindSplices)
  .to(layOutPayload)
  .to(emitLivepatchFuncs)
  // Tell what is changed where it is.
  .to(emitSplices)
  .to(emitNotes);

/** What happens to each object of a tree that is compared with an image, on whatever thread. */
export const PROVE_OBJECT_CHAIN: Chain<BaseObject, ObjectProof> = chainOf<BaseObject, ObjectProof>(
  'prove-object',
)
  // Look every function up in the image, and compare it with its relocations applied.
  .end(proveObjects);

const proveTree: Lane<BaseObjects, BaseObject, ObjectProof, ObjectProofs> = {
  name: 'prove-tree',
  reads: 'base-objects',
  makes: 'object-proofs',
  feed: loadBaseObjects,
  chain: PROVE_OBJECT_CHAIN,
  join: ({ image, question }, objects) => ({ kind: 'object-proofs', image, objects, question }),
};

/** From the objects of a tree to what of it is the hypervisor's: `xsplice-build check-base`. */
export const BASE_PIPELINE: Pipeline<BaseObjects, BaseProof> = Pipeline.start<BaseObjects>()
  .to(proveTree)
  // Say what is not linked at all, and before all differences what their cause may be.
  .to(judgeBase);

/** From the objects that were not compared to what of them a payload may rely on: the rest of the proof of `build`. */
export const RELIED_PIPELINE: Pipeline<BaseObjects, ReliedProof> = Pipeline.start<BaseObjects>()
  .to(proveTree)
  // Say of each function that was asked for what came of it, wherever it was found.
  .to(judgeRelied);
