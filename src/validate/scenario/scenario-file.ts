/**
 * Reads a scenario from JSON. What is unknown is refused, because a misspelt expectation would be a test that tests
 * nothing. The format, with examples, is described in docs/scenarios.md; its version is the field `scenario`.
 */
import * as v from 'valibot';
import { diagnostic } from '../../diag/diagnostic.js';
import type { Report } from '../../diag/diagnostic.js';
import { Errno } from '../../hypervisor/errno.js';
import { expressionOf } from '../../run/find-line.js';
import { PHASES } from './scenario.js';
import type { Argument, CpuActivity, MemoryBlock, Rendezvous, Scenario, ScenarioCall } from './scenario.js';

const MOST_BYTES = 1 << 20;
const MOST_CPUS = 64;
/** 15 bits of an alternative's cpuid. */
const MOST_FEATURES = 0x8000;
/** More than a function has, and few enough for its stack. */
const MOST_ARGUMENTS = 64;
const MOST_CALLS = 1000;
/** Of more mistakes the first are told. */
const MOST_ISSUES = 20;
const DEFAULT_LIMIT = 20_000_000;
/** Of all calls together. */
export const MOST_INSTRUCTIONS = 500_000_000;
const NS_PER_US = 1000;

/** An object with these fields and no others. */
function fields<const E extends v.ObjectEntries>(entries: E): v.StrictObjectSchema<E, StrictMessage> {
  return v.strictObject(entries, ({ expected }) => {
    if (expected === 'never') return `there is no such field; there are ${Object.keys(entries).join(', ')}`;
    return expected === 'Object' ? 'must be an object' : `the field ${expected ?? ''} is missing`;
  });
}
type StrictMessage = (issue: v.StrictObjectIssue) => string;

/** A whole number, or a text of one in decimal or hexadecimal, with 64 bits at most. */
const integer = v.pipe(
  v.union([v.pipe(v.number(), v.safeInteger()), v.pipe(v.string(), v.regex(/^-?(0x[0-9a-f]+|\d+)$/i))]),
  v.transform((given) => bigintOf(given)),
  v.check((value) => value >= -(1n << 63n) && value < 1n << 64n, 'must fit into 64 bits'),
);

function bigintOf(given: string | number): bigint {
  const text = String(given);
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}

const bytes = v.pipe(
  v.string(),
  v.regex(/^\s*([0-9a-f]{2}\s*)*$/i, 'must be bytes in hexadecimal, two digits each'),
  v.transform((text) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'))),
  v.check((found) => found.length <= MOST_BYTES, `must be at most ${MOST_BYTES} bytes`),
);

const pattern = v.pipe(
  v.string(),
  v.nonEmpty(),
  v.check(isPattern, 'between slashes must be a regular expression'),
);

function isPattern(text: string): boolean {
  try {
    expressionOf(text);
    return true;
  } catch {
    return false;
  }
}

const count = (most: number): v.GenericSchema<number> =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most));
const name = v.pipe(v.string(), v.nonEmpty());

/** MSRs are numbered with 32 bits: SDM vol. 2, RDMSR. */
const msrNumber = v.pipe(v.string(), v.regex(/^(0x[0-9a-f]{1,8}|\d{1,9})$/i, 'must be the number of an MSR'));
const errno = v.pipe(
  v.string(),
  v.check(
    (text) => text === '0' || Object.hasOwn(Errno, text),
    'must be the name of an error, like EBUSY, or 0',
  ),
);

const argument = v.union(
  [
    integer,
    fields({ symbol: name, plus: v.optional(integer, 0) }),
    fields({ memory: name, plus: v.optional(integer, 0) }),
    fields({ text: v.string() }),
  ],
  'must be a whole number of 64 bits, {"symbol": …}, {"memory": …} or {"text": …}',
);

const block = fields({
  bytes: v.optional(bytes, ''),
  size: v.optional(count(MOST_BYTES), 0),
  at: v.optional(integer),
});

const expectation = fields({
  returns: v.optional(v.union([v.boolean(), integer, v.string()])),
  console: v.optional(v.array(pattern)),
  console_not: v.optional(v.array(pattern)),
  faults: v.optional(count(1e9)),
  warnings: v.optional(count(1e9)),
  dies: v.optional(v.string()),
  memory: v.optional(v.record(v.string(), bytes)),
});

const call = fields({
  title: v.optional(v.string()),
  call: name,
  arguments: v.optional(v.pipe(v.array(argument), v.maxLength(MOST_ARGUMENTS)), []),
  type: v.optional(v.picklist(['int', 'long', 'bool', 'text', 'void']), 'int'),
  memory: v.optional(v.record(v.string(), block), {}),
  keeps: v.optional(v.boolean(), false),
  cpu: v.optional(count(MOST_CPUS - 1), 0),
  limit: v.optional(v.pipe(count(MOST_INSTRUCTIONS), v.minValue(1)), DEFAULT_LIMIT),
  before: v.optional(expectation),
  applied: v.optional(expectation),
  reverted: v.optional(v.union([v.literal('before'), expectation])),
});

const activity = fields({
  cpu: count(MOST_CPUS - 1),
  doing: v.optional(v.picklist(['idle', 'guest', 'busy', 'inside']), 'busy'),
  arrives_after_us: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1e9)), 0),
  interrupts_off_after_us: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1e9)), 0),
  stack: v.optional(v.array(name), []),
});

const rendezvous = fields({
  title: v.optional(v.string()),
  cpus: v.array(activity),
  action: v.optional(v.picklist(['apply', 'revert']), 'revert'),
  timeout_us: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(4_294_967)), 0),
  expect: fields({
    errno,
    console: v.optional(v.array(pattern)),
    attempts: v.optional(v.pipe(count(1e6), v.minValue(1))),
  }),
});

const scenario = fields({
  scenario: v.literal(1),
  title: name,
  cpus: v.optional(v.pipe(count(MOST_CPUS), v.minValue(1)), 1),
  msrs: v.optional(v.record(msrNumber, v.union([v.literal('missing'), integer])), {}),
  features: v.optional(v.array(count(MOST_FEATURES - 1)), []),
  memory: v.optional(v.record(v.string(), block), {}),
  calls: v.optional(v.pipe(v.array(call), v.maxLength(MOST_CALLS)), []),
  rendezvous: v.optional(v.pipe(v.array(rendezvous), v.maxLength(MOST_CALLS)), []),
});

/** Reads the text of a scenario. Reports XS620 for what is wrong in it, and where. */
export function readScenario(file: string, text: string, report: Report): Scenario | undefined {
  const refuse = (where: string, why: string): undefined => {
    report(
      diagnostic('XS620', {
        message: `${where === '' ? 'the scenario' : where}: ${why}`,
        at: { object: file },
        hint: 'the format is described in docs/scenarios.md',
      }),
    );
    return undefined;
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    return refuse('', `it is no JSON (${thrown instanceof Error ? thrown.message : String(thrown)})`);
  }
  const parsed = v.safeParse(scenario, json);
  if (!parsed.success) {
    for (const issue of parsed.issues.slice(0, MOST_ISSUES)) refuse(v.getDotPath(issue) ?? '', issue.message);
    return undefined;
  }
  const made = scenarioOf(parsed.output);
  const problem = inconsistency(made);
  return problem === undefined ? made : refuse(...problem);
}

type Parsed = v.InferOutput<typeof scenario>;

function scenarioOf(found: Parsed): Scenario {
  return {
    title: found.title,
    cpus: found.cpus,
    features: found.features,
    msrs: new Map(
      Object.entries(found.msrs).map(([number, holds]) => [
        Number(number),
        holds === 'missing' ? undefined : holds,
      ]),
    ),
    memory: blocksOf(found.memory),
    calls: found.calls.map((one) => callOf(one)),
    rendezvous: found.rendezvous.map((one, k) => rendezvousOf(one, k)),
  };
}

function blocksOf(found: Parsed['memory']): Record<string, MemoryBlock> {
  return Object.fromEntries(
    Object.entries(found).map(([key, { bytes: given, size, at }]) => [
      key,
      { bytes: given, size: Math.max(size, given.length, 1), at },
    ]),
  );
}

function callOf(found: Parsed['calls'][number]): ScenarioCall {
  const expect: Record<string, object> = {};
  for (const phase of PHASES) {
    const given = found[phase];
    const meant = given === 'before' ? found.before : given;
    if (meant === undefined) continue;
    const { console_not, ...others } = meant;
    expect[phase] = { ...others, ...(console_not && { consoleNot: console_not }) };
  }
  return {
    title: found.title ?? found.call,
    function: found.call,
    arguments: found.arguments.map((given): Argument => given),
    type: found.type,
    memory: blocksOf(found.memory),
    keeps: found.keeps,
    cpu: found.cpu,
    limit: found.limit,
    expect,
  };
}

function rendezvousOf(found: Parsed['rendezvous'][number], k: number): Rendezvous {
  return {
    title: found.title ?? `rendezvous ${k + 1}`,
    action: found.action,
    timeout: Math.round(found.timeout_us * NS_PER_US),
    cpus: found.cpus.map((one): CpuActivity => ({
      cpu: one.cpu,
      doing: one.doing,
      arrivesAfter: Math.round(one.arrives_after_us * NS_PER_US),
      interruptsOffAfter: Math.round(one.interrupts_off_after_us * NS_PER_US),
      stack: one.stack,
    })),
    expect: {
      errno: found.expect.errno,
      ...(found.expect.console && { console: found.expect.console }),
      ...(found.expect.attempts !== undefined && { attempts: found.expect.attempts }),
    },
  };
}

/** What no schema can say: that names and numbers fit together. */
function inconsistency(made: Scenario): [where: string, why: string] | undefined {
  if (made.calls.length + made.rendezvous.length === 0) return ['', 'it has neither calls nor rendezvous'];
  for (const [k, one] of made.calls.entries()) {
    const where = `calls.${k}`;
    if (one.cpu >= made.cpus) return [`${where}.cpu`, `there are only ${made.cpus} CPUs`];
    if (Object.keys(one.expect).length === 0) return [where, 'it expects nothing'];
    const blocks = { ...made.memory, ...one.memory };
    const named = one.arguments.flatMap((a) => (typeof a === 'object' && 'memory' in a ? [a.memory] : []));
    const looked = Object.values(one.expect).flatMap((e) => Object.keys(e.memory ?? {}));
    const missing = [...named, ...looked].find((block) => !Object.hasOwn(blocks, block));
    if (missing !== undefined) return [where, `there is no memory block ${missing}`];
    const short = Object.values(one.expect)
      .flatMap((e) => Object.entries(e.memory ?? {}))
      .find(([block, wanted]) => wanted.length > blocks[block].size);
    if (short !== undefined)
      return [where, `memory block ${short[0]} has only ${blocks[short[0]].size} bytes to look at`];
  }
  for (const [k, one] of made.rendezvous.entries()) {
    const beyond = one.cpus.find(({ cpu }) => cpu >= made.cpus);
    if (beyond !== undefined) return [`rendezvous.${k}`, `there are only ${made.cpus} CPUs`];
  }
  return undefined;
}
