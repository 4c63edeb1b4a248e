/** The plan of splices as text and as a JSON document. */
import pc from 'picocolors';
import type { Diagnostic } from '../diag/diagnostic.js';
import { withoutControls as printable } from '../diag/printable.js';
import type { PlanResult } from '../index.js';
import type { TextOptions } from './text.js';

type Plan = NonNullable<PlanResult['plan']>;
type FunctionPlan = Plan['functions'][number];

export interface PlanDocument {
  readonly schema: 'xsplice-build/plan/1';
  readonly plan: Plan | null;
  readonly diagnostics: readonly Diagnostic[];
}

export function planDocument({ plan, diagnostics }: PlanResult): PlanDocument {
  return { schema: 'xsplice-build/plan/1', plan: plan ?? null, diagnostics };
}

const WAYS = { 'in-place': 'in place', callers: 'at its callers', trampoline: 'by trampoline' } as const;

/** Beyond so many, only -v tells all. */
const SHOWN = 3;

/** Three lines a function, one for each way; with -v every place that would be changed. */
export function renderPlan({ functions, spliced }: Plan, options: TextOptions): string {
  if (functions.length + spliced.length === 0) return 'nothing is replaced\n';
  const already = spliced.map(
    ({ name, way, places }) =>
      `${printable(name)} is spliced ${WAYS[way]}: ${printable(places.join(', '))}\n`,
  );
  return [...already, ...functions.map((one) => renderFunction(one, options))].join('');
}

/** What a build did: a line a function, the way that was taken and why not the others; with -v the whole plan. */
export function renderSplices({ functions }: Plan, options: TextOptions): string {
  if (functions.length === 0) return '';
  const color = pc.createColors(options.color);
  const lines = functions.map((plan) => {
    const { name, inPlace, callers, way = 'trampoline' } = plan;
    const others = [
      ...(way === 'in-place'
        ? []
        : [`in place ${inPlace.possible ? 'fits' : `no: ${inPlace.obstacles[0]}`}`]),
      `${callersText(plan)}${callers.possible ? '' : ` (${callers.obstacles[0]})`}`,
    ];
    return `  ${printable(`${name} ${WAYS[way]}; ${others.join('; ')}`)}\n`;
  });
  const whole = options.verbose
    ? renderPlan({ image: '', spliced: [], functions }, options).replace(/^(?=.)/gm, '  ')
    : '';
  return `${color.bold('spliced')}\n${lines.join('')}${whole}`;
}

function renderFunction(plan: FunctionPlan, options: TextOptions): string {
  const color = pc.createColors(options.color);
  const { name, oldSize, newSize, inPlace, callers, trampoline } = plan;
  const way = (title: string, possible: boolean, says: string): string =>
    `  ${title.padEnd(11)} ${possible ? color.green('yes') : color.red('no ')} ${printable(says)}`;
  const lines = [
    `${color.bold(printable(name))} (${oldSize} -> ${newSize} bytes)`,
    way('in place', inPlace.possible, inPlace.possible ? inPlaceText(plan) : inPlace.obstacles.join('; ')),
    way('at callers', callers.possible, [callersText(plan), ...callers.obstacles].join('; ')),
    ...quiet(callers.quiet, options),
    way(
      'trampoline',
      trampoline.possible,
      trampoline.possible ? trampolineText(plan) : trampoline.obstacles.join('; '),
    ),
  ];
  if (options.verbose) lines.push(...details(plan));
  return `${lines.join('\n')}\n`;
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

function inPlaceText({ inPlace, newSize }: FunctionPlan): string {
  const changed = inPlace.spans.reduce((sum, span) => sum + span.new.split(' ').length, 0);
  return `${newSize} of ${inPlace.room} bytes; ${changed} change, in ${count(inPlace.spans.length, 'place')}`;
}

function callersText({ callers: { sites, slots, alternatives } }: FunctionPlan): string {
  const of = (kind: string): number => sites.filter((site) => site.kind === kind).length;
  const jumps = of('jump') + of('conditional jump');
  const constant = slots.filter((slot) => slot.constant).length;
  const parts = [
    ...(of('call') > 0 ? [count(of('call'), 'call')] : []),
    ...(jumps > 0 ? [count(jumps, 'jump')] : []),
    ...(slots.length > 0
      ? [`${count(slots.length, 'pointer')}${constant > 0 ? ` (${constant} read-only)` : ''}`]
      : []),
    ...(alternatives.length > 0 ? [count(alternatives.length, 'alternative')] : []),
  ];
  return parts.length === 0 ? 'no caller' : parts.join(', ');
}

function trampolineText({ trampoline: { jumpAt, distance } }: FunctionPlan): string {
  const where = jumpAt === 0 ? 'at its entry' : `${jumpAt} bytes behind its entry, where an endbr64 stays`;
  return `5 bytes ${where}; ${grouped(distance)} bytes to go`;
}

/** What Node knows of languages takes 15 ms to load. */
const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

/** Who must not be on any stack, beside the function itself. */
function quiet(names: readonly string[], { verbose }: TextOptions): string[] {
  const others = names.slice(1);
  if (others.length === 0) return [];
  const shown = verbose ? others : others.slice(0, SHOWN);
  const more = others.length - shown.length;
  return [
    `                  nobody in it, nor in ${printable(shown.join(', '))}${more > 0 ? ` and ${more} more` : ''}`,
  ];
}

function details({ inPlace, callers, trampoline }: FunctionPlan): string[] {
  return [
    ...inPlace.spans.map((span) => `    ${span.address}: ${span.old} -> ${span.new}`),
    ...callers.sites.map((site) => `    ${site.address}: ${site.kind} in ${printable(site.place)}`),
    ...callers.slots.map(
      (slot) =>
        `    ${slot.address}: pointer in ${printable(slot.place)}${slot.constant ? ', read-only' : ''}`,
    ),
    ...callers.alternatives.map(
      (site) => `    ${site.address}: alternative (${site.how}) in ${printable(site.place)}`,
    ),
    ...callers.uses.map((use) => `    ${use.address}: ${printable(use.place)} takes its address (${use.by})`),
    ...trampoline.entered.map((place) => `    ${printable(place)}`),
  ];
}
