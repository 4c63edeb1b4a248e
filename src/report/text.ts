/** What a person reads on the terminal when a comparison or a build is done. */
import pc from 'picocolors';
import { withoutControls as printable } from '../diag/printable.js';
import { renderDiagnostics } from '../diag/render.js';
import type { DiffResult, FinishedPayload, LinkResult } from '../index.js';
import type { PairDiff } from '../model/artifacts.js';
import type { ChangedFunction } from '../model/explanation.js';
import { renderPayloadBase } from './base.js';
import { reasonOf, renderExcerpts, renderExplained, renderModulo } from './excerpts.js';
import { describeInclusion, describeLink } from './inclusion.js';
import type { IncludedThing } from './inclusion.js';
import { countVerdicts } from './json.js';
import { hex } from './payload.js';

export interface TextOptions {
  readonly color: boolean;
  readonly verbose: boolean;
  /** Characters in a line of the terminal, to which the sentences of diagnostics are broken. */
  readonly width?: number | undefined;
}

/** Changed functions beyond which their code is shown only when more is asked for: nobody reads so much at once. */
const MOST_EXCERPTS = 20;

/** The verdicts on all pairs that differ, a line that counts all, then the functions that were asked for. */
export function renderDiff(result: DiffResult, options: TextOptions): string {
  const color = pc.createColors(options.color);
  const told = result.diffs.filter((d) => d.verdict !== 'unchanged' || options.verbose);
  const changes = result.diffs.reduce((sum, diff) => sum + diff.changed.length, 0);
  const excerpts = options.verbose || changes <= MOST_EXCERPTS;
  const blocks = told.map((diff) => renderPair(diff, options, excerpts));
  if (!excerpts)
    blocks.push(`${changes} functions changed: -v shows where, --explain FUNCTION shows one whole\n`);
  const counts = countVerdicts(result.diffs);
  const parts = Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([verdict, n]) => `${n} ${verdict}`);
  const summary = color.bold(
    `${result.diffs.length} object${result.diffs.length === 1 ? '' : 's'}: ${parts.join(', ') || 'none'}`,
  );
  return [...blocks, `${summary}\n`, renderLayouts(result), renderAsked(result, options)].join('');
}

/** Whether the layouts of structures were compared, where that was called for. */
export function renderLayouts({ diffs }: DiffResult): string {
  const verdicts = diffs.map((diff) => diff.layouts).filter((verdict) => verdict !== 'not needed');
  const unchecked = verdicts.filter((verdict) => verdict !== 'checked').length;
  if (unchecked === 0) return '';
  const objects = unchecked === 1 ? '1 object has' : `${unchecked} objects have`;
  return `layouts not checked: ${objects} no debug information on both sides for all that changed\n`;
}

/** Functions shown whole, a blank line before each; '' when none was asked for. */
export function renderAsked(result: DiffResult, options: TextOptions): string {
  const explained = result.diffs.flatMap((diff) => diff.explained);
  return explained.map((one) => `\n${renderExplained(one, options.color)}`).join('');
}

function renderPair(diff: PairDiff, options: TextOptions, excerpts: boolean): string {
  const color = pc.createColors(options.color);
  const lines = [`${color.bold(diff.object)}: ${paintVerdict(diff, options)}`];
  for (const changed of diff.changed) {
    lines.push(`  ${color.yellow('changed')}  ${printable(`${changed.name}: ${reasonOf(changed)}`)}`);
    if (excerpts) lines.push(...renderExcerpts(changed, options.color));
    if (options.verbose) lines.push(...renderModulo(changed.modulo));
  }
  for (const name of diff.added) lines.push(`  ${color.green('new')}      ${printable(name)}`);
  for (const name of diff.carried) lines.push(`  ${color.green('carried')}  ${printable(name)}`);
  if (options.verbose)
    for (const { name, modulo } of diff.equal)
      lines.push(`  same     ${printable(name)}: but for ${modulo.join(', ')}`);
  for (const name of diff.removed) lines.push(`  ${color.red('removed')}  ${printable(name)}`);
  // They are indented.
  const width = options.width === undefined ? undefined : options.width - 2;
  const found = renderDiagnostics(diff.diagnostics, { color: options.color, width });
  return `${lines.join('\n')}\n${found === '' ? '' : indent(found)}`;
}

function paintVerdict(diff: PairDiff, options: TextOptions): string {
  const color = pc.createColors(options.color);
  if (diff.verdict === 'refused') return color.red(diff.verdict);
  return diff.verdict === 'unchanged' ? diff.verdict : color.yellow(diff.verdict);
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** What a finished build replaces, brings along and asks for. */
export function renderBuild(result: LinkResult, path: string, options: TextOptions): string {
  const { payload } = result;
  if (payload === undefined) return '';
  const color = pc.createColors(options.color);
  const { resolved, bytes, buildId } = payload;
  const lines = [`${color.bold(path)}: ${bytes.length} bytes`];
  lines.push(color.bold(resolved.replaced.length === 0 ? 'replaces nothing' : 'replaces'));
  for (const { name, oldSize, newSize, included } of resolved.replaced) {
    const changed = changeOf(result, payload, included);
    const named = resolved.atoms[included].reason === 'named' ? ': added by a pass' : '';
    const why = changed === undefined ? named : `: ${printable(reasonOf(changed))}`;
    lines.push(`  ${name} (${oldSize} -> ${newSize} bytes)${why}`);
    if (changed !== undefined && options.verbose) lines.push(...renderExcerpts(changed, options.color));
  }
  const chains = options.verbose || result.diffs.some((diff) => diff.explained.length > 0);
  const brought = renderBrought(describeInclusion(resolved), chains);
  if (brought.length > 0) lines.push(color.bold('brings along'), ...brought);
  const wanted = [...new Set(resolved.bindings.map((b) => b.name))].sort();
  if (wanted.length > 0) lines.push(color.bold('uses of the hypervisor'), `  ${wanted.join(', ')}`);
  const { depends, xenDepends } = resolved.context.wishes;
  lines.push(
    color.bold('identity'),
    `  build-id ${hex(buildId)}`,
    `  on top of ${hex(depends)}, hypervisor ${hex(xenDepends)}`,
    ...renderPayloadBase(payload, options.verbose),
  );
  return `${lines.join('\n')}\n${renderLayouts(result)}${renderAsked(result, options)}`;
}

/** Why an included function changed. */
function changeOf(
  result: LinkResult,
  { resolved }: FinishedPayload,
  included: number,
): ChangedFunction | undefined {
  const { object, atom } = resolved.atoms[included];
  const home = resolved.context.objects[object];
  const { name, sourceFile } = home.patched.atoms[atom];
  return result.diffs
    .find((diff) => diff.object === home.object)
    ?.changed.find((changed) => changed.name === name && changed.sourceFile === sourceFile);
}

/** One line a thing; pieces of one special section that are there for one reason share a line. */
function renderBrought(things: readonly IncludedThing[], chains: boolean): string[] {
  const because = chains ? alongChain : byNames;
  const pieces = new Map<string, IncludedThing[]>();
  for (const thing of things) {
    if (thing.reason === 'changed' || thing.reason === 'named') continue;
    const key = `${specialSection(thing) ?? thing.object + thing.name} ${because(thing)}`;
    const group = pieces.get(key);
    if (group === undefined) pieces.set(key, [thing]);
    else group.push(thing);
  }
  return [...pieces.values()].map((group) => {
    const [first] = group;
    const size = group.reduce((sum, thing) => sum + thing.size, 0);
    const section = specialSection(first);
    const what =
      section === undefined ? first.kind : `${group.length} ${group.length === 1 ? 'piece' : 'pieces'}`;
    return `  ${section ?? first.name} (${what}, ${size} bytes): ${because(first)}`;
  });
}

/** The section of a thing that has no name of its own: `.altinstructions+0x1c` is a piece of `.altinstructions`. */
function specialSection(thing: IncludedThing): string | undefined {
  return /^(\.[\w.]+)\+0x[0-9a-f]+$/.exec(thing.name)?.[1];
}

function byNames(thing: IncludedThing): string {
  const named = thing.chain.map(({ name }) => name).filter((name) => !name.startsWith('.'));
  if (named.length === 0) return thing.reason;
  return `${thing.reason === 'describes' ? 'describing' : 'used by'} ${named.join(' <- ')}`;
}

/** Every link: how and where one thing refers to the next. */
function alongChain({ reason, chain }: IncludedThing): string {
  if (chain.length === 0) return reason;
  return chain.map(describeLink).join(' <- ');
}
