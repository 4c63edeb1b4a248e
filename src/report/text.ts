/** What a person reads on the terminal when a comparison or a build is done. */
import pc from 'picocolors';
import { renderDiagnostics } from '../diag/render.js';
import type { DiffResult, LinkResult } from '../index.js';
import type { PairDiff } from '../model/artifacts.js';
import { describeInclusion } from './inclusion.js';
import type { IncludedThing } from './inclusion.js';
import { countVerdicts, hex } from './json.js';

export interface TextOptions {
  readonly color: boolean;
  readonly verbose: boolean;
}

/** The verdicts on all pairs that differ, then a line that counts all. */
export function renderDiff(result: DiffResult, options: TextOptions): string {
  const color = pc.createColors(options.color);
  const told = result.diffs.filter((d) => d.verdict !== 'unchanged' || options.verbose);
  const blocks = told.map((diff) => renderPair(diff, options));
  const counts = countVerdicts(result.diffs);
  const parts = Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([verdict, n]) => `${n} ${verdict}`);
  const summary = color.bold(
    `${result.diffs.length} object${result.diffs.length === 1 ? '' : 's'}: ${parts.join(', ') || 'none'}`,
  );
  return [...blocks, `${summary}\n`].join('');
}

function renderPair(diff: PairDiff, options: TextOptions): string {
  const color = pc.createColors(options.color);
  const lines = [`${color.bold(diff.object)}: ${paintVerdict(diff, options)}`];
  for (const name of diff.changed)
    lines.push(`  ${color.yellow('changed')}  ${name}: ${diff.reasons[name] ?? ''}`);
  for (const name of diff.added) lines.push(`  ${color.green('new')}      ${name}`);
  for (const name of diff.removed) lines.push(`  ${color.red('removed')}  ${name}`);
  const found = renderDiagnostics(diff.diagnostics, options);
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
  const reasons = new Map(result.diffs.flatMap((d) => Object.entries(d.reasons)));
  const lines = [`${color.bold(path)}: ${bytes.length} bytes`];
  lines.push(color.bold(resolved.replaced.length === 0 ? 'replaces nothing' : 'replaces'));
  for (const { name, oldSize, newSize, included } of resolved.replaced) {
    const { object, atom } = resolved.atoms[included];
    const why = reasons.get(resolved.context.objects[object].patched.atoms[atom].name) ?? '';
    lines.push(`  ${name} (${oldSize} -> ${newSize} bytes): ${why}`);
  }
  const brought = renderBrought(describeInclusion(resolved));
  if (brought.length > 0) lines.push(color.bold('brings along'), ...brought);
  const wanted = [...new Set(resolved.bindings.map((b) => b.name))].sort();
  if (wanted.length > 0) lines.push(color.bold('uses of the hypervisor'), `  ${wanted.join(', ')}`);
  const { depends, xenDepends } = resolved.context.wishes;
  lines.push(
    color.bold('identity'),
    `  build-id ${hex(buildId)}`,
    `  on top of ${hex(depends)}, hypervisor ${hex(xenDepends)}`,
  );
  return `${lines.join('\n')}\n`;
}

/** One line a thing; pieces of one special section that are there for one reason share a line. */
function renderBrought(things: readonly IncludedThing[]): string[] {
  const pieces = new Map<string, IncludedThing[]>();
  for (const thing of things) {
    if (thing.reason === 'changed') continue;
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

function because(thing: IncludedThing): string {
  const named = thing.chain.filter((name) => !name.startsWith('.'));
  if (named.length === 0) return thing.reason;
  return `${thing.reason === 'describes' ? 'describing' : 'used by'} ${named.join(' <- ')}`;
}
