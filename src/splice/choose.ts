/**
 * Which way each function goes: as it was asked for, as far as the plan and the target allow it. What is asked for and
 * cannot be is refused with what stands in the way; `auto` takes the first way that is open:
 *
 *   in place     costs nothing when it runs, and asks only that nobody is in the function
 *   at callers   costs nothing either, but asks that nobody is in any of them: only with few places
 *   trampoline   a jump at each call
 *
 * Loaders of Xen's releases know jumps, and since 4.8 NOPs over code: the other ways need a payload of the form
 * xsplice-v1.
 */
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import { printableName } from '../diag/printable.js';
import type { LoaderProfile } from '../hypervisor/profiles.js';
import type { SpliceWay } from '../model/payload-artifacts.js';
import { wishFor } from '../model/splice-wishes.js';
import type { SpliceWish } from '../model/splice-wishes.js';
import { isNops } from '../x86/decode.js';
import { bytesOfText } from '../x86/hex-text.js';
import { LED_PAST } from './plan.js';
import type { FunctionPlan, InPlaceWay } from './plan.js';

export interface ChoiceInput {
  readonly wishes: readonly SpliceWish[];
  readonly profile: LoaderProfile;
  readonly functions: readonly FunctionPlan[];
  /** Payloads below that have changed a function already, by its name. */
  readonly below: ReadonlyMap<string, string>;
}

/** `auto` does not turn more places than this to a new function. */
const FEW_PLACES = 8;
/** LIVEPATCH_OPAQUE_SIZE: what a record has room to save. */
const LONGEST_NOPS = 31;
const SHOWN = 10;

/** The way of each function. Reports XS440, XS441 and XS903 for wishes that cannot be met. */
export function chooseWays(input: ChoiceInput, report: Report): ReadonlyMap<string, SpliceWay> {
  const { wishes, functions } = input;
  const known = new Set(functions.map(({ name }) => name));
  for (const name of new Set(wishes.flatMap((wish) => wish.function ?? [])))
    if (!known.has(name)) report(unknownFunction(name, [...known]));
  return new Map(
    functions.map((plan): [string, SpliceWay] => {
      const way = wishFor(wishes, plan.name) ?? 'trampoline';
      return [plan.name, way === 'auto' ? chooseFor(input, plan) : demanded(input, plan, way, report)];
    }),
  );
}

function unknownFunction(name: string, known: readonly string[]): ReturnType<typeof diagnostic> {
  const shown = known.slice(0, SHOWN).map(printableName);
  return diagnostic('XS903', {
    message: `--splice names ${printableName(name)}, which the payload does not replace`,
    notes: [shown.length === 0 ? 'it replaces nothing' : `it replaces ${shown.join(', ')}`],
    hint: 'name functions as the hypervisor does: `f`, or `file.c#f` for a local one',
  });
}

function chooseFor(input: ChoiceInput, plan: FunctionPlan): SpliceWay {
  const open = (way: SpliceWay): boolean =>
    whyNot(input, plan, way).length === 0 && whyNotThere(input, plan, way) === undefined;
  if (open('in-place')) return 'in-place';
  const places = plan.callers.sites.length + plan.callers.slots.length;
  const trampoline = open('trampoline');
  return open('callers') && (places <= FEW_PLACES || !trampoline) ? 'callers' : 'trampoline';
}

function demanded(input: ChoiceInput, plan: FunctionPlan, way: SpliceWay, report: Report): SpliceWay {
  const obstacles = whyNot(input, plan, way);
  const name = printableName(plan.name);
  if (obstacles.length > 0) {
    report(
      diagnostic('XS440', {
        message: `${name} cannot be spliced ${WORDS[way]}`,
        at: { object: plan.payload, symbol: plan.name },
        notes: obstacles,
        hint: 'choose another way, or let --splice=auto choose; `xsplice-build plan` shows what each takes',
      }),
    );
    return 'trampoline';
  }
  const refusal = whyNotThere(input, plan, way);
  if (refusal !== undefined)
    report(
      diagnostic('XS441', {
        message: `the loader of this hypervisor cannot splice ${name} ${WORDS[way]}`,
        at: { object: plan.payload, symbol: plan.name },
        notes: [refusal],
        hint: 'leave it to a trampoline, or make a payload of the form xsplice-v1 (--abi xsplice-v1)',
      }),
    );
  return way;
}

const WORDS: Readonly<Record<SpliceWay, string>> = {
  trampoline: 'by trampoline',
  'in-place': 'in place',
  callers: 'at its callers',
};

/** What stands in the way in the hypervisor itself. */
function whyNot({ below }: ChoiceInput, plan: FunctionPlan, way: SpliceWay): readonly string[] {
  // Jumps go on top of each other; whether that is of use to anybody is looked at where the payload is bound. Code that
  // goes around the jump is told by the proof, as a warning: the jump itself is possible.
  if (way === 'trampoline') return plan.trampoline.obstacles.filter((text) => !text.startsWith(LED_PAST));
  const first = below.get(plan.name);
  const obstacles = way === 'in-place' ? plan.inPlace.obstacles : plan.callers.obstacles;
  return [...obstacles, ...(first === undefined ? [] : [`${first} below has changed it`])];
}

/** What its loader cannot do; undefined when it can. */
function whyNotThere(
  { profile }: ChoiceInput,
  { inPlace }: FunctionPlan,
  way: SpliceWay,
): string | undefined {
  if (way === 'trampoline' || profile.splices) return undefined;
  if (way === 'callers') return 'it writes jumps and NOPs at functions, and nothing at their callers';
  if (!profile.nops) return 'it writes jumps only: NOPs over code came with Xen 4.8';
  return whyNoNops(inPlace);
}

/** Why changes are more than a record without new_addr can say. */
function whyNoNops({ spans }: InPlaceWay): string | undefined {
  const lengths = spans.map((span) => bytesOfText(span.new)).filter((bytes) => isNops(bytes));
  if (lengths.length < spans.length) return 'in place it writes NOPs only, and here other instructions come';
  const longest = Math.max(0, ...lengths.map(({ length }) => length));
  return longest > LONGEST_NOPS
    ? `it writes at most ${LONGEST_NOPS} bytes of NOPs at a place, and here are ${longest}`
    : undefined;
}
