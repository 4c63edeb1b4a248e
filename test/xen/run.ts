/**
 * `make xen-test`: builds the payload of every case and proves it on Debian's own hypervisor under QEMU.
 *
 *   node dist/test/xen/run.js [--keep] [CASE[,CASE…]]
 *
 * One host serves all cases in turn; after a case that failed or left something behind, a fresh one is
 * booted. Before the cases, Xen's own test payloads are put through what they are known to do: if that
 * fails, the harness or the machine is at fault, not the builder; and the whole of Xen is compared with rebuilds
 * and with mutations of it, which needs no host. Prints a line per check and last
 * `N passed, N failed`; exits with 1 if anything failed. With --keep, or after a failure, the payloads and
 * the console logs stay.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheDirectory } from '../../src/cache-directory.js';
import { PROFILES } from '../../src/hypervisor/profiles.js';
import { MachineError } from '../../src/qemu/command.js';
import { debianXen } from '../../src/qemu/debian.js';
import type { DebianXen } from '../../src/qemu/debian.js';
import { HostDied } from '../../src/qemu/host.js';
import type { GuestFiles } from '../../src/qemu/initrd.js';
import { requireHostTools } from '../../src/qemu/host-tools.js';
import { payloadPath, runScenario } from '../../src/qemu/scenario.js';
import type { Check, Step } from '../../src/qemu/scenario.js';
import { builtXenTree, xenTestPayloads } from '../../src/qemu/xen-tree.js';
import { provePayloads } from '../../src/validate/prove.js';
import { proveMutations } from '../mutations/prove.js';
import { proveTree } from './base.js';
import { loadCases, ownPayloadSteps, withPrerequisites } from './cases.js';
import type { Case } from './cases.js';
import { callerDifferences } from './callers.js';
import { emulatedHost, emulatorJudge } from './emulated-host.js';
import { formsNotListed } from './forms.js';
import { HostSupply } from './host-supply.js';
import { goodPayloads, imageOf } from './mutants/good-payloads.js';
import { proveDeadlyMutants, proveMutants } from './mutants/prove.js';
import { buildCase, checkSameBytes } from './payloads.js';
import type { Workshop } from './payloads.js';
import { compileCaller } from './mutants/real-host.js';
import { proveRebuilds } from './rebuilds.js';
import { replaySteps } from './replay.js';
import { proveTutorial } from './tutorial.js';

const OWN_PAYLOADS = 'xen-own-payloads';
const REBUILDS = 'xen-rebuilds';
const MUTATIONS = 'xen-mutations';
const MUTANTS = 'xen-mutants';
const FORMS = 'xen-forms';
const CALLERS = 'xen-callers';
const RANDOM_FUNCTIONS = 200;
const BASE = 'xen-base';
const TUTORIAL = 'tutorial';
const DEADLY_MUTANTS = 'xen-deadly-mutants';
/** What is no case, and can be asked for like one. */
const SUITES = [OWN_PAYLOADS, FORMS, CALLERS, BASE, REBUILDS, MUTATIONS, MUTANTS, TUTORIAL];
/** What is done only when it is asked for: each of these mutants costs a host. */
const ASKED_FOR = [DEADLY_MUTANTS];
/** The case that is built twice. */
const BUILT_TWICE = 'static-function';

/** Absolute, because programs run in other directories. */
const CACHE = path.resolve(cacheDirectory());

const counted = { passed: 0, failed: 0 };

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function report(name: string, check: Check): void {
  counted[check.passed ? 'passed' : 'failed'] += 1;
  say(`${check.passed ? 'ok    ' : 'FAILED'} ${name}: ${check.label}`);
  if (!check.passed) for (const line of check.detail) say(`         ${line}`);
}

/** Payloads where scenarios look for them. */
function filesOf(payloads: ReadonlyMap<string, Uint8Array>): GuestFiles {
  return new Map([...payloads].map(([name, bytes]) => [payloadPath(name), bytes]));
}

/** Runs one scenario and leaves the supply with a host that holds no payload, or with none. */
async function prove(
  hosts: HostSupply,
  name: string,
  steps: readonly Step[],
  mayBeSilent = true,
): Promise<void> {
  const before = { ...counted };
  const tell = (check: Check): void => {
    report(name, check);
  };
  let alive = false;
  try {
    const machine = await hosts.machine();
    alive = await runScenario(machine, steps, tell);
    if (alive && counted.failed === before.failed) alive = await runScenario(machine, [NOTHING_LEFT], tell);
  } catch (failure) {
    if (!(failure instanceof MachineError)) throw failure;
    if (failure instanceof HostDied && failure.isSilent && mayBeSilent && counted.failed === before.failed) {
      say(`       ${name} begins anew: ${failure.message}`);
      Object.assign(counted, before);
      await hosts.discard();
      await prove(hosts, name, steps, false);
      return;
    }
    report(name, { label: 'a host to run on', passed: false, detail: failure.message.split('\n') });
  }
  if (!alive || counted.failed !== before.failed) await hosts.discard();
}

const NOTHING_LEFT: Step = {
  livepatch: 'list',
  shows: 'nothing is left behind',
  output: ['Nothing to list'],
};

/** Xen's own test payloads by name. */
function testPayloads(build: string): Map<string, Uint8Array> {
  const directory = path.join(build, 'test/livepatch');
  const files = readdirSync(directory).filter((file) => file.endsWith('.livepatch'));
  return new Map(
    files.map((file) => [path.basename(file, '.livepatch'), readFileSync(path.join(directory, file))]),
  );
}

async function proveOwnPayloads(debian: DebianXen, tree: string, work: string): Promise<void> {
  const build = await xenTestPayloads(CACHE, tree, say);
  const payloads = testPayloads(build);
  const directory = path.join(work, OWN_PAYLOADS);
  const hosts = new HostSupply({
    debian,
    xen: path.join(build, 'xen'),
    directory,
    files: filesOf(payloads),
    say,
  });
  await prove(hosts, OWN_PAYLOADS, ownPayloadSteps());
  await hosts.discard();
  replayOwnPayloads(path.join(build, 'xen-syms'), payloads);
}

/** The same steps on the emulated hypervisor. */
function replayOwnPayloads(xen_syms: string, payloads: ReadonlyMap<string, Uint8Array>): void {
  const host = emulatedHost(imageOf(xen_syms), PROFILES['4.17']);
  const payloadOf = (name: string): Uint8Array => {
    const payload = payloads.get(name);
    if (payload === undefined) throw new MachineError(`there is no payload ${name}`);
    return payload;
  };
  const steps = ownPayloadSteps();
  const { checks, left_out } = replaySteps(
    host,
    steps.filter((step) => !('fatal' in step)),
    payloadOf,
  );
  for (const check of checks) report(`${OWN_PAYLOADS}, emulated`, check);
  report(`${OWN_PAYLOADS}, emulated`, {
    label: 'no step is left out',
    passed: left_out.length === 0,
    detail: left_out,
  });
  for (const step of steps)
    if ('fatal' in step) foreseen(xen_syms, step.fatal.replace(/^apply /, ''), payloadOf);
}

/** What kills a host on which guests run must be told of by one that only looks. */
function foreseen(xen_syms: string, name: string, payloadOf: (name: string) => Uint8Array): void {
  const { levels, diagnostics } = provePayloads({
    image: imageOf(xen_syms),
    profile: PROFILES['4.17'],
    payloads: [{ path: name, bytes: payloadOf(name) }],
    scenarios: [],
  });
  report(`${OWN_PAYLOADS}, emulated`, {
    label: `${name}: its death is foreseen: ${diagnostics.map(({ code }) => code).join(', ')}`,
    passed: levels.accepts === 'passed' && levels.hazards === 'failed',
    detail: diagnostics.map(({ message }) => message),
  });
}

async function proveCases(debian: DebianXen, shop: Workshop, wanted: readonly Case[]): Promise<void> {
  const payloads = new Map<string, Uint8Array>();
  for (const one of withPrerequisites(wanted, shop.cases)) {
    const { payload, checks } = await buildCase(shop, one);
    for (const check of checks) report(one.name, check);
    if (payload !== null) payloads.set(one.name, payload);
    if (payload !== null && one.name === BUILT_TWICE)
      report(one.name, await checkSameBytes(shop, one, payload));
  }
  const directory = path.join(shop.work, 'debian');
  const hosts = new HostSupply({ debian, xen: debian.xen, directory, files: filesOf(payloads), say });
  for (const one of wanted.filter(({ refused }) => refused === null)) {
    const lacking = [...one.on_top_of, ...one.uses, one.name].filter((name) => !payloads.has(name));
    if (one.fresh_host) await hosts.discard();
    if (lacking.length === 0) await prove(hosts, one.name, one.steps);
    else report(one.name, { label: 'runs', passed: false, detail: [`not built: ${lacking.join(', ')}`] });
  }
  await hosts.discard();
}

async function proveMutantsOf(suite: string, debian: DebianXen, shop: Workshop): Promise<void> {
  const of_xen = testPayloads(await xenTestPayloads(CACHE, shop.tree, say));
  const directory = path.join(shop.work, suite);
  const step = {
    payloads: await goodPayloads(shop, of_xen),
    judge: emulatorJudge(imageOf(shop.xen_syms), PROFILES['4.17']),
    program: readFileSync(await compileCaller(shop.work)),
    hosts: (files: GuestFiles) => new HostSupply({ debian, xen: debian.xen, directory, files, say }),
    report: (check: Check) => {
      report(suite, check);
    },
    say,
  };
  if (suite === MUTANTS) await proveMutants(step);
  else await proveDeadlyMutants(step);
}

function proveForms(debian: DebianXen): void {
  const missing = formsNotListed(imageOf(debian.xen_syms));
  report(FORMS, {
    label: 'every form of instruction in Xen is in golden/insn/xen-forms.txt',
    passed: missing.length === 0,
    detail: missing,
  });
}

/** Other functions in every run, unless the seed is given. */
async function proveCallers(debian: DebianXen): Promise<void> {
  const seed = Number(process.env['XSPLICE_MUTATION_SEED'] ?? Date.now() % 1_000_000);
  const { xen_syms } = debian;
  const { sites, differences } = await callerDifferences(xen_syms, imageOf(xen_syms), RANDOM_FUNCTIONS, seed);
  report(CALLERS, {
    label: `callers of ${RANDOM_FUNCTIONS} functions are those that objdump shows (${sites} places, seed ${seed})`,
    passed: differences.length === 0,
    detail: differences,
  });
}

function chosenCases(
  names: readonly string[],
  cases: ReadonlyMap<string, Case>,
): { suites: readonly string[]; wanted: readonly Case[] } {
  if (names.length === 0) return { suites: SUITES, wanted: [...cases.values()] };
  const wanted = names.flatMap((name) => cases.get(name) ?? []);
  const known = [...SUITES, ...ASKED_FOR];
  const unknown = names.filter((name) => !cases.has(name) && !known.includes(name));
  if (unknown.length > 0) {
    throw new MachineError(
      `no such case: ${unknown.join(', ')}; there are ${[...known, ...cases.keys()].join(', ')}`,
    );
  }
  return { suites: known.filter((name) => names.includes(name)), wanted };
}

async function main(args: readonly string[]): Promise<void> {
  const cases = loadCases();
  const names = args
    .filter((arg) => !arg.startsWith('--'))
    .flatMap((arg) => arg.split(',').filter((name) => name !== ''));
  const { suites, wanted } = chosenCases(names, cases);
  await requireHostTools(say);
  const debian = await debianXen(CACHE, say);
  const tree = await builtXenTree(CACHE, debian.source_package, say);
  const work = mkdtempSync(path.join(tmpdir(), 'xen-test-'));
  const tellOf = (suite: string) => (check: Check) => {
    report(suite, check);
  };
  if (suites.includes(FORMS)) proveForms(debian);
  if (suites.includes(CALLERS)) await proveCallers(debian);
  if (suites.includes(BASE)) await proveTree(tree, debian.xen_syms, tellOf(BASE));
  if (suites.includes(MUTATIONS)) await proveMutations(path.join(tree, 'xen'), tellOf(MUTATIONS), say);
  if (suites.includes(REBUILDS)) await proveRebuilds(CACHE, tree, say, tellOf(REBUILDS));
  if (suites.includes(OWN_PAYLOADS)) await proveOwnPayloads(debian, tree, work);
  const shop = { tree, xen_syms: debian.xen_syms, work, cases };
  if (wanted.length > 0) await proveCases(debian, shop, wanted);
  for (const suite of [MUTANTS, DEADLY_MUTANTS])
    if (suites.includes(suite)) await proveMutantsOf(suite, debian, shop);
  if (suites.includes(TUTORIAL)) await proveTutorial(work, tellOf(TUTORIAL), say);
  if (counted.failed === 0 && !args.includes('--keep')) rmSync(work, { recursive: true });
  else say(`payloads and console logs are in ${work}`);
}

// Ending as `exit` ends lets the emulator be stopped, too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

try {
  await main(process.argv.slice(2));
} catch (failure) {
  if (!(failure instanceof MachineError)) throw failure;
  say(`FAILED ${failure.message}`);
  counted.failed += 1;
}
say(`${String(counted.passed)} passed, ${String(counted.failed)} failed`);
process.exitCode = counted.failed === 0 ? 0 : 1;
