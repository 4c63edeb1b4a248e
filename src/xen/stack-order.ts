/**
 * Whether a stack of payloads can be applied in the order given, as the hypervisor will see it:
 *
 *   .livepatch.xen_depends   must be the build-id of the hypervisor          checked at upload, since 4.14
 *   .livepatch.depends       must be the build-id of what lies directly below  checked when it is applied
 *
 * and, for a payload that takes the place of all of them, which of their fixes would be gone.
 * Source: xen_build_id_dep and build_id_dep, xen/common/livepatch.c.
 */
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic, Report } from '../diag/diagnostic.js';
import { printableName } from '../diag/printable.js';
import { STT_FUNC } from '../elf/constants.js';
import type { XenImage } from './image.js';
import { UNIQUE_MARK } from './stack.js';
import type { StackedPayload } from './stack.js';

export interface StackExpectation {
  readonly image: XenImage;
  /** Build-id of the hypervisor: that of the image, unless the user says another. */
  readonly hypervisor: Uint8Array;
  /** Build-id that the new payload is to depend on, when the user named one. */
  readonly depends?: Uint8Array;
}

/** Whether `stack` (oldest first) can be applied in its order. Reports XS420 and XS421. */
export function checkStackOrder(
  stack: readonly StackedPayload[],
  { image, hypervisor, depends }: StackExpectation,
  report: Report,
): boolean {
  const found: Diagnostic[] = [];
  for (const payload of stack) {
    const { xenDepends } = payload;
    if (xenDepends !== undefined && !same(xenDepends, hypervisor))
      found.push(foreign(payload, xenDepends, image, hypervisor));
  }
  // With payloads of another hypervisor nothing more can be said about the order.
  const misplaced = found.length > 0 ? undefined : whyMisplaced(stack, image, hypervisor, depends);
  if (misplaced !== undefined) found.push(misplaced);
  found.forEach(report);
  return found.length === 0;
}

function foreign(
  { name }: StackedPayload,
  xenDepends: Uint8Array,
  image: XenImage,
  hypervisor: Uint8Array,
): Diagnostic {
  return diagnostic('XS420', {
    message: `${name} is for the hypervisor ${hex(xenDepends)}, not for ${hex(hypervisor)}`,
    at: { object: name, section: '.livepatch.xen_depends' },
    notes: [`${image.name} has the build-id ${hex(image.buildId)}`],
    hint: 'give the payload that was built for this hypervisor, or its own xen-syms',
  });
}

function whyMisplaced(
  stack: readonly StackedPayload[],
  image: XenImage,
  hypervisor: Uint8Array,
  depends: Uint8Array | undefined,
): Diagnostic | undefined {
  const titles = new Map([
    [hex(hypervisor), `the hypervisor (${image.name})`],
    ...stack.map((payload): [string, string] => [hex(payload.buildId), payload.name]),
  ]);
  const titleOf = (buildId: Uint8Array): string =>
    titles.get(hex(buildId)) ?? `${hex(buildId)}, which is not there`;
  const notes = stack
    .filter((payload) => payload.depends !== undefined)
    .map((payload) => `${payload.name} goes on top of ${titleOf(payload.depends ?? hypervisor)}`);
  const refuse = (object: string, message: string, hint: string): Diagnostic =>
    diagnostic('XS421', { message, at: { object }, notes, hint });
  const order = possibleOrder(stack, hypervisor);
  const hint =
    order === undefined || order.length < stack.length
      ? 'give every payload of the stack with --on-top-of, oldest first, each once'
      : `give them in this order: ${order.map(({ name }) => name).join(', ')}`;
  let below = hypervisor;
  for (const [k, payload] of stack.entries()) {
    const twin = stack.slice(0, k).find((other) => same(other.buildId, payload.buildId));
    if (twin !== undefined)
      return refuse(
        payload.name,
        `${payload.name} is the payload ${twin.name} again: it can be applied once`,
        hint,
      );
    if (payload.depends !== undefined && !same(payload.depends, below))
      return refuse(
        payload.name,
        `${payload.name} goes on top of ${titleOf(payload.depends)}, and cannot be applied on ${titleOf(below)}`,
        hint,
      );
    below = payload.buildId;
  }
  const top = stack.at(-1);
  if (top === undefined || depends === undefined || same(depends, top.buildId)) return undefined;
  return refuse(
    top.name,
    `the payload is to depend on ${titleOf(depends)}, but the topmost one below it is ${top.name} (${hex(top.buildId)})`,
    'leave out --depends: it is taken from the topmost payload',
  );
}

/** The payloads as their dependencies chain them from the hypervisor on, each at most once. */
function possibleOrder(
  stack: readonly StackedPayload[],
  hypervisor: Uint8Array,
): readonly StackedPayload[] | undefined {
  const left = [...stack];
  const chained: StackedPayload[] = [];
  let below = hypervisor;
  for (;;) {
    const next = left.findIndex(({ depends }) => depends !== undefined && same(depends, below));
    if (next < 0) return chained.length === 0 ? undefined : chained;
    const [payload] = left.splice(next, 1);
    chained.push(payload);
    below = payload.buildId;
  }
}

/**
 * Reports XS422 for functions of the hypervisor that payloads of `stack` replace and a payload that takes their
 * place, which replaces `replaced`, does not. A function is told by its symbol: a payload gives the new code the
 * name of the old, and what is new a name that the hypervisor does not have.
 */
export function checkFixesKept(
  stack: readonly StackedPayload[],
  image: XenImage,
  replaced: ReadonlySet<string>,
  report: Report,
): void {
  for (const payload of stack) {
    const named = [...payload.symbols.values()]
      .filter(({ name, type }) => type === STT_FUNC && !name.includes(UNIQUE_MARK))
      .map(({ name }) => name);
    // What was spliced in place has no symbol in its payload.
    const gone = [...new Set([...named, ...payload.spliced.keys()])]
      .filter((name) => image.byName.has(name) && !replaced.has(name))
      .sort();
    if (gone.length === 0) continue;
    report(
      diagnostic('XS422', {
        message: `${gone.length === 1 ? 'a function that' : `${String(gone.length)} functions that`} ${payload.name} replaces would go back to the code of the bare hypervisor`,
        at: { object: payload.name },
        notes: gone.map(printableName),
        hint: 'to keep these fixes, build from their patches, too: --cumulative with every -p, in order',
      }),
    );
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
