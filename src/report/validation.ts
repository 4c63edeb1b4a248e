/**
 * The verdict of the validator: one line a level on the terminal, with what it rests on, and all of it as a JSON
 * document.
 */
import pc from 'picocolors';
import { withoutControls as printable } from '../diag/printable.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { ValidateResult, Validation } from '../index.js';
import type { TextOptions } from './text.js';

export interface ValidateDocument {
  readonly schema: 'xsplice-build/validate/1';
  readonly validation: ValidationDocument | null;
  readonly diagnostics: readonly Diagnostic[];
}

type Meeting = Validation['scenarios'][number]['rendezvous'][number];
type Call = Validation['scenarios'][number]['calls'][number];

export interface ValidationDocument {
  readonly image: string;
  /** Release of Xen whose loader was modelled. */
  readonly profile: string;
  readonly levels: Validation['levels'];
  readonly payloads: Validation['payloads'];
  readonly steps: Validation['steps'];
  readonly compared_bytes: number;
  readonly scenarios: readonly {
    readonly path: string;
    readonly title: string;
    readonly calls: readonly (Omit<Call, 'returned' | 'died'> & {
      readonly returned: string | null;
      readonly died: string | null;
    })[];
    readonly rendezvous: Validation['scenarios'][number]['rendezvous'];
    readonly coverage: Validation['scenarios'][number]['coverage'];
  }[];
}

export function validateDocument({ validation, diagnostics }: ValidateResult): ValidateDocument {
  return {
    schema: 'xsplice-build/validate/1',
    validation: validation === undefined ? null : validationDocument(validation),
    diagnostics,
  };
}

export function validationDocument(validation: Validation): ValidationDocument {
  const { image, profile, levels, payloads, steps, comparedBytes, scenarios } = validation;
  return {
    image,
    profile,
    levels,
    payloads,
    steps,
    compared_bytes: comparedBytes,
    scenarios: scenarios.map(({ path, title, calls, rendezvous, coverage }) => ({
      path,
      title,
      calls: calls.map((call) => ({
        ...call,
        returned: call.returned ?? null,
        died: call.died ?? null,
      })),
      rendezvous,
      coverage,
    })),
  };
}

/** A line a level; with -v what was asked of the hypervisor and what it printed, and every call of the scenarios. */
export function renderValidation(validation: Validation, options: TextOptions): string {
  const color = pc.createColors(options.color);
  const { levels, profile } = validation;
  const paint = {
    passed: color.green,
    failed: color.red,
    'not reached': color.yellow,
    'not asked': color.dim,
  };
  const line = (level: keyof typeof levels, says: string): string =>
    `  ${level.padEnd(8)} ${paint[levels[level]](levels[level].padEnd(11))} ${says}`.trimEnd();
  const head = `${color.bold('validation')} by the rules of ${profileTitle(profile)}`;
  const lines = [
    head,
    line('accepts', acceptsText(validation)),
    line('applies', appliesText(validation)),
    line('hazards', hazardsText(validation)),
    line('runs', runsText(validation)),
  ];
  if (options.verbose) lines.push(...renderSteps(validation), ...renderCalls(validation));
  return `${lines.join('\n')}\n`;
}

function profileTitle(profile: string): string {
  return profile === 'xsplice-v1' ? 'the first design' : `Xen ${profile}`;
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

function acceptsText({ payloads, levels }: Validation): string {
  if (levels.accepts !== 'passed') return '';
  const sum = (pick: (one: (typeof payloads)[number]) => number): number =>
    payloads.reduce((total, one) => total + pick(one), 0);
  const hooks = sum((one) => one.hooks);
  const parts = [
    count(payloads.length, 'payload'),
    count(
      sum((one) => one.functions),
      'function',
    ),
    ...(hooks > 0 ? [count(hooks, 'hook')] : []),
    count(
      sum((one) => one.relocations),
      'relocation',
    ),
    count(
      sum((one) => one.pages),
      'page',
    ),
  ];
  return parts.join(', ');
}

/** 3280896 as `3,280,896`; what Node knows of languages takes 15 ms to load. */
const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

function appliesText({ comparedBytes, levels }: Validation): string {
  if (levels.applies !== 'passed') return '';
  return `and reverts; ${grouped(comparedBytes)} bytes of the hypervisor compared`;
}

function hazardsText({ diagnostics, levels }: Validation): string {
  if (levels.hazards === 'not reached') return '';
  const warnings = diagnostics.filter(
    ({ code, severity }) => isHazard(code) && severity === 'warning',
  ).length;
  return warnings === 0 ? '' : count(warnings, 'warning');
}

/** XS610 to XS619 and XS630 to XS649: src/diag/codes/hazards.ts. */
function isHazard(code: string): boolean {
  return /^XS6[134]\d$/.test(code);
}

function runsText({ scenarios, levels }: Validation): string {
  if (levels.runs === 'not asked') return 'no scenario was given';
  if (scenarios.length === 0) return '';
  const checks = scenarios.flatMap(({ calls, rendezvous }) => [...calls, ...rendezvous]);
  const passed = checks.filter((check) => check.passed).length;
  const executed = scenarios.reduce((sum, { coverage }) => Math.max(sum, coverage.executed), 0);
  const total = scenarios[0].coverage.total;
  const share = total === 0 ? '' : `, ${Math.round((100 * executed) / total)}% of the code ran`;
  return `${count(scenarios.length, 'scenario')}, ${passed} of ${count(checks.length, 'check')} as expected${share}`;
}

function renderSteps({ steps }: Validation): string[] {
  return steps.flatMap(({ action, payload, rc, console }) => [
    `  ${action} ${printable(payload)}: ${rc}`,
    ...console.map((line) => `    (XEN) ${printable(line)}`),
  ]);
}

function renderCalls({ scenarios }: Validation): string[] {
  return scenarios.flatMap(({ title, calls, rendezvous, coverage }) => [
    `  ${printable(title)}`,
    ...calls.flatMap((call) => [
      `    ${call.phase.padEnd(8)} ${call.passed ? 'ok  ' : 'FAIL'} ${printable(call.title)}: ${outcomeOf(call)}`,
      ...call.console.map((line) => `      (XEN) ${printable(line)}`),
    ]),
    ...rendezvous.flatMap((one) => [
      `    meeting  ${one.passed ? 'ok  ' : 'FAIL'} ${printable(one.title)}: ${one.rc}${meetingText(one)}`,
      ...one.lateness.map((line) => `      ${printable(line)}`),
    ]),
    ...coverage.functions.map(
      ({ name, executed, size }) => `    ran      ${executed} of ${size} bytes of ${printable(name)}`,
    ),
  ]);
}

/** How the CPUs came together. */
function meetingText({ attempts, obstructed, waitedFor, duration }: Meeting): string {
  if (attempts === 0) return '';
  const again = obstructed > 0 ? `, in ${obstructed} of them a CPU stood in the way` : '';
  return ` (${count(attempts, 'attempt')}${again}; waited for ${count(waitedFor, 'CPU')}, ${Math.round(duration / 1000)} us)`;
}

function outcomeOf({ died, returned, instructions }: Call): string {
  const what = died === undefined ? (returned ?? 'done') : `the host dies: ${printable(died)}`;
  return `${what} (${count(instructions, 'instruction')})`;
}
