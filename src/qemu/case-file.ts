/**
 * Reads a case.json of test/xen: a payload to build from patches, and the scenario that proves it on the real
 * hypervisor. Unknown keys are refused, because a misspelt expectation would be a test that tests nothing.
 * The format is described in test/xen/README.md.
 */
import type { Expectations, Step, TextPattern } from './scenario.js';

export interface CaseFile {
  readonly title: string;
  /** Patches that make the payload, as paths relative to the directory of the case. */
  readonly patches: readonly string[];
  /** Cases whose patches the tree already has and whose payloads are below this one, lowest first. */
  readonly on_top_of: readonly string[];
  /** Other cases whose payloads the steps use. */
  readonly uses: readonly string[];
  /** More arguments for the builder. */
  readonly flags: readonly string[];
  /** What the builder must tell on stdout, in this order. */
  readonly says: readonly TextPattern[];
  /** Whether the steps need a host on which nothing was done before. */
  readonly fresh_host: boolean;
  /** The payload must be smaller than this many bytes. */
  readonly smaller_than: number | null;
  /** Set when the builder must refuse: its exit code and what it says on stderr. */
  readonly refused: { readonly exit: number; readonly stderr: readonly TextPattern[] } | null;
  readonly steps: readonly Step[];
}

/** Parses the text of a case.json. Throws an Error that says what is wrong and where. */
export function parseCaseFile(text: string, place: string): CaseFile {
  const top = record(JSON.parse(text), place);
  onlyKeys(
    top,
    [
      ...['title', 'patches', 'on_top_of', 'uses', 'flags', 'says', 'smaller_than', 'refused'],
      ...['fresh_host', 'steps'],
    ],
    place,
  );
  const patches = strings(top['patches'], `${place}: patches`);
  if (patches.length === 0) throw new Error(`${place}: patches must name at least one patch`);
  const steps = list(top['steps'] ?? [], `${place}: steps`).map((step, index) =>
    parseStep(step, `${place}: step ${String(index + 1)}`),
  );
  const refused = top['refused'] === undefined ? null : parseRefused(top['refused'], `${place}: refused`);
  if ((refused === null) === (steps.length === 0))
    throw new Error(`${place}: a case has either steps or "refused"`);
  return {
    title: string(top['title'], `${place}: title`),
    patches,
    on_top_of: strings(top['on_top_of'], `${place}: on_top_of`),
    uses: strings(top['uses'], `${place}: uses`),
    flags: strings(top['flags'], `${place}: flags`),
    says: strings(top['says'], `${place}: says`),
    fresh_host: top['fresh_host'] === undefined ? false : boolean(top['fresh_host'], `${place}: fresh_host`),
    smaller_than:
      top['smaller_than'] === undefined ? null : integer(top['smaller_than'], `${place}: smaller_than`),
    refused,
    steps,
  };
}

const EXPECTATION_KEYS = ['console', 'console_not', 'output', 'output_not', 'exit'];

/** One step of a scenario, of a case.json or of any other list of steps. */
export function parseStep(value: unknown, place: string): Step {
  const step = record(value, place);
  onlyKeys(step, ['livepatch', 'shell', 'key', 'fatal', 'shows', ...EXPECTATION_KEYS], place);
  const common = {
    ...(step['shows'] === undefined ? {} : { shows: string(step['shows'], `${place}: shows`) }),
    ...parseExpectations(step, place),
  };
  const kinds = ['livepatch', 'shell', 'key', 'fatal'].filter((kind) => kind in step);
  const [kind] = kinds;
  if (kinds.length !== 1) throw new Error(`${place}: one of livepatch, shell, key, fatal must be there`);
  const action = string(step[kind ?? ''], `${place}: ${kind ?? ''}`);
  if (kind === 'key' && action.length !== 1) throw new Error(`${place}: a debug key is one character`);
  if (kind === 'livepatch') return { ...common, livepatch: action };
  if (kind === 'shell') return { ...common, shell: action };
  if (kind === 'fatal') return { ...common, fatal: action };
  return { ...common, key: action };
}

function parseExpectations(step: Readonly<Record<string, unknown>>, place: string): Expectations {
  const lines = (key: string): readonly TextPattern[] => strings(step[key], `${place}: ${key}`);
  const exit = step['exit'];
  return {
    ...('console' in step ? { console: lines('console') } : {}),
    ...('console_not' in step ? { console_not: lines('console_not') } : {}),
    ...('output' in step ? { output: lines('output') } : {}),
    ...('output_not' in step ? { output_not: lines('output_not') } : {}),
    ...(exit === undefined
      ? {}
      : { exit: list([exit].flat(), place).map((code) => integer(code, `${place}: exit`)) }),
  };
}

function parseRefused(value: unknown, place: string): { exit: number; stderr: readonly TextPattern[] } {
  const refused = record(value, place);
  onlyKeys(refused, ['exit', 'stderr'], place);
  return {
    exit: integer(refused['exit'], `${place}: exit`),
    stderr: strings(refused['stderr'], `${place}: stderr`),
  };
}

function record(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${place}: an object is expected`);
  return Object.fromEntries(Object.entries(value));
}

function onlyKeys(value: Readonly<Record<string, unknown>>, allowed: readonly string[], place: string): void {
  for (const key of Object.keys(value)) {
    if (!allowed.includes(key))
      throw new Error(`${place}: unknown key "${key}"; known are ${allowed.join(', ')}`);
  }
}

function list(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${place}: a list is expected`);
  return value.map((item: unknown) => item);
}

function strings(value: unknown, place: string): readonly string[] {
  return value === undefined ? [] : list(value, place).map((item) => string(item, place));
}

function string(value: unknown, place: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${place}: a text is expected`);
  return value;
}

function boolean(value: unknown, place: string): boolean {
  if (typeof value !== 'boolean') throw new Error(`${place}: true or false is expected`);
  return value;
}

function integer(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new Error(`${place}: a whole number is expected`);
  return value;
}
