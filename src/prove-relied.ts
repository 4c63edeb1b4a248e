/**
 * The rest of the proof of the base: a payload also relies on functions of objects that no patch touched. These are
 * not among the pairs, so they are looked up in the other objects of the tree, each of which is read once more; what
 * defines nothing that is asked for is dropped after its symbol table.
 */
import { hasErrors } from './diag/diagnostic.js';
import type { RunOptions, RunState } from './engine/pipeline.js';
import { STT_FUNC } from './elf/constants.js';
import type { BaseFunction, FinishedPayload } from './model/payload-artifacts.js';
import { RELIED_PIPELINE } from './pipeline.js';
import { linkedImage } from './xen/linked-image.js';

export interface ObjectPath {
  readonly object: string;
  readonly path: string;
}

export interface Originals {
  readonly objects: readonly ObjectPath[];
  /** They are all of the hypervisor. */
  readonly whole: boolean;
}

/**
 * The payload with the proof of what it relies on elsewhere, if the base is proven at all. Reports XS430 and XS432;
 * returns undefined when one of them is an error.
 */
export async function proveRelied(
  payload: FinishedPayload,
  { objects, whole }: Originals,
  options: RunOptions,
  state: RunState,
): Promise<FinishedPayload | undefined> {
  const { resolved } = payload;
  const { base, context } = resolved;
  if (base === undefined) return payload;
  const compared = new Set(context.objects.map(({ object }) => object));
  const { below, wanted } = reliedElsewhere(payload, base);
  if (below.length + wanted.length === 0) return payload;
  const proof = await RELIED_PIPELINE.run(
    {
      kind: 'base-objects',
      image: linkedImage(context.image),
      objects: objects
        .filter(({ object }) => !compared.has(object))
        .map((one) => ({ ...one, member: false })),
      question: { wanted, renumbered: context.stack.length > 0, whole },
    },
    options,
    state,
  );
  if (proof === undefined || hasErrors(state.diagnostics)) return undefined;
  return { ...payload, resolved: { ...resolved, base: [...base, ...below, ...proof.functions] } };
}

/** Functions that new code refers to and whose objects were not compared: the image's, and those of payloads below. */
function reliedElsewhere(
  { resolved: { context, bindings } }: FinishedPayload,
  base: readonly BaseFunction[],
): { readonly below: readonly BaseFunction[]; readonly wanted: readonly string[] } {
  const { image, stack } = context;
  const known = new Set(base.map(({ name }) => name));
  const names = [...new Set(bindings.map(({ name }) => name))].filter((name) => !known.has(name)).sort();
  const functions = names.filter((name) =>
    (image.byName.get(name) ?? []).some((k) => image.symbols[k].type === STT_FUNC),
  );
  const replaced = functions.filter((name) => stack.some(({ symbols }) => symbols.has(name)));
  return {
    below: replaced.map((name) => {
      return { name, role: 'relied on', verdict: 'unchecked', reason: 'a payload below has replaced it' };
    }),
    wanted: functions.filter((name) => !replaced.includes(name)),
  };
}
