/**
 * A campaign: random cases of all forms on the real processor and on the emulator in all ways, until so many have
 * run. Prints counts, the seed, and each disagreement once for each form and way. `CASES=n SEED=n FORMS=regex
 * WAYS=regex` change what is run; in all ways 1,000,000 comparisons take about five minutes.
 */
import { compareBatch, formsToRun } from './campaign.js';
import { Guest } from './guest.js';
import { Host } from './host.js';
import { Random } from './random.js';
import { WAYS } from './ways.js';

/** A number that is given to make; an empty word is none. */
function setting(name: string, otherwise: number): number {
  const text = process.env[name] ?? '';
  return text === '' ? otherwise : Number(text);
}

const wanted = setting('CASES', 1_000_000);
const seed = setting('SEED', Date.now() & 0x7fffffff);
const forms = formsToRun(new RegExp(process.env['FORMS'] ?? ''));
const print = (line: string): void => void process.stdout.write(`${line}\n`);

print(`seed ${seed}, ${forms.length} forms, ${wanted} cases`);
const host = new Host();
const ways = WAYS.filter(({ way }) => new RegExp(process.env['WAYS'] ?? '').test(way));
const guests = ways.map((way) => ({ way, guest: new Guest(way.options) }));
const random = new Random(seed);
const begin = Date.now();
let ran = 0;
let faults = 0;
let strays = 0;
let differing = 0;
const lacking = new Set<string>();
const told = new Map<string, number>();
while (ran < wanted) {
  const batch = await compareBatch(random, forms, host, guests);
  for (const { made, host: real, complaints, verdict, way } of batch) {
    if (verdict === 'stray') strays++;
    if (verdict === 'lacking') lacking.add(made.instruction.form);
    if (verdict !== 'same' && verdict !== 'differs') continue;
    ran++;
    if (real.vector >= 0) faults++;
    if (verdict === 'same') continue;
    differing++;
    const form = `${made.instruction.form}, ${way}`;
    const times = told.get(form) ?? 0;
    told.set(form, times + 1);
    if (times > 0) continue;
    const code = Buffer.from(made.input.code).toString('hex');
    print(`${form} ${code} flags ${made.input.rflags.toString(16)}\n  ${complaints.join('\n  ')}`);
  }
}
host.close();
print(
  `${ran} cases in ${((Date.now() - begin) / 1000).toFixed(1)} s, ${faults} with an exception, ${strays} left out because they write elsewhere`,
);
if (lacking.size > 0) print(`this processor lacks ${[...lacking].sort().join(', ')}`);
for (const [form, times] of [...told].sort((a, b) => b[1] - a[1])) print(`  ${form}: ${times}`);
print(`${differing} mismatches`);
process.exitCode = differing === 0 ? 0 : 1;
