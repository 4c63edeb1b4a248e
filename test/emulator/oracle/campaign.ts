/** A batch of random cases on both sides, with what became of each. */
import { makeCase } from './cases.js';
import type { Made } from './cases.js';
import { ALL_FLAGS, differences, flagsCount, memoryCounts, undefinedFlags, faultCounts } from './compare.js';
import { discoverForms } from './forms.js';
import type { Template } from './forms.js';
import type { Guest } from './guest.js';
import { BATCH } from './host.js';
import type { Host } from './host.js';
import type { Outcome } from './layout.js';
import type { Random } from './random.js';
import { isComparable } from './ways.js';
import type { Way } from './ways.js';

/** Templates of one form, tried with equal chance. */
export type Form = readonly Template[];

export function formsToRun(names: RegExp): Form[] {
  return [...discoverForms()].filter(([form]) => names.test(form)).map(([, templates]) => templates);
}

/** Operations that came after the first x86-64 processors; where the real one raises #UD, nothing is compared. */
const LATER =
  /^(Movbe|Popcnt|Lzcnt|Tzcnt|Andn|Bls|Mulx|Sarx|Shlx|Shrx|VEX_|Serialize|Lddqu|Movntdqa|Cmpxchg16b|Lahf|Sahf|Endbr)/;

export interface Compared {
  readonly made: Made;
  readonly host: Outcome;
  readonly complaints: readonly string[];
  readonly verdict: 'same' | 'differs' | 'stray' | 'lacking';
}

export async function compareBatch(
  random: Random,
  forms: readonly Form[],
  host: Host,
  guests: readonly WayGuest[],
): Promise<(Compared & { way: string })[]> {
  const batch: Made[] = [];
  while (batch.length < BATCH) {
    const made = makeCase(random, random.pick(random.pick(forms)));
    if (made !== undefined) batch.push(made);
  }
  const real = await host.run(batch.map(({ input }) => input));
  return batch.flatMap((made, k) =>
    guests
      .filter(({ way }) => isComparable(way, made.input, real[k]))
      .map(({ way, guest }) => ({ ...compareOne(made, real[k], guest), way: way.way })),
  );
}

/** A guest that runs cases in one way. */
export interface WayGuest {
  readonly way: Way;
  readonly guest: Guest;
}

export function compareOne(made: Made, host: Outcome, guest: Guest): Compared {
  const { form } = made.instruction;
  if (host.vector === 6 && LATER.test(form)) return { made, host, complaints: [], verdict: 'lacking' };
  const ours = guest.run(made.input);
  if (host.stray || ours.stray) {
    const agree = host.stray === ours.stray || !memoryCounts(made.instruction, host);
    return {
      made,
      host,
      complaints: agree ? [] : ['one side writes elsewhere'],
      verdict: agree ? 'stray' : 'differs',
    };
  }
  const { instruction } = made;
  const undefinedMask = flagsCount(instruction, host) ? undefinedFlags(instruction, made.input) : ALL_FLAGS;
  const complaints = differences(host, ours, undefinedMask, {
    memory: memoryCounts(instruction, host),
    fault: faultCounts(instruction, host, ours),
  });
  return { made, host, complaints, verdict: complaints.length === 0 ? 'same' : 'differs' };
}
