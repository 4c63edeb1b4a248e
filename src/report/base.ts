/** The proof of the base: for a payload a line, for a whole tree a number, what differs by kinds, and a document. */
import pc from 'picocolors';
import { withoutControls as printable } from '../diag/printable.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { BaseCounts, BaseProof, CheckBaseResult, FinishedPayload, UnprovenFunction } from '../index.js';
import { countFunctions } from '../model/base-artifacts.js';
import type { BaseFunction } from '../model/payload-artifacts.js';
import { renderExcerpts } from './excerpts.js';

export interface BaseStyle {
  readonly color: boolean;
  readonly verbose: boolean;
}

export interface CheckBaseDocument {
  readonly schema: 'xsplice-build/check-base/1';
  readonly image: string | null;
  /** Nothing differs that can be checked, but for what tells of the build. */
  readonly proven: boolean;
  readonly counts: BaseCounts | null;
  readonly objects: number;
  /** Members of archives that nothing in the image needed. */
  readonly not_linked: readonly string[];
  readonly causes: BaseProof['causes'];
  /** Every function that is not proven; verdict `stamped` differs in what tells of the build only. */
  readonly functions: readonly {
    readonly object: string;
    readonly name: string;
    readonly verdict: UnprovenFunction['verdict'];
    readonly kind: UnprovenFunction['kind'];
    readonly reasons: readonly string[];
    readonly object_size: number;
    /** Null when the image has no such function. */
    readonly image_size: number | null;
    readonly at: number;
    readonly excerpt: UnprovenFunction['excerpt'];
  }[];
  readonly diagnostics: readonly Diagnostic[];
}

export function checkBaseDocument({ proof, diagnostics }: CheckBaseResult): CheckBaseDocument {
  const unproven = proof?.objects.flatMap((object) => object.unproven) ?? [];
  return {
    schema: 'xsplice-build/check-base/1',
    image: proof?.image ?? null,
    proven: proof !== undefined && proof.counts.differ === 0,
    counts: proof?.counts ?? null,
    objects: proof?.objects.length ?? 0,
    not_linked: proof?.notLinked ?? [],
    causes: proof?.causes ?? [],
    functions: unproven.map(
      ({ size, imageSize, place, object, name, verdict, kind, reasons, at, excerpt }) => ({
        object,
        name,
        verdict,
        kind,
        reasons,
        object_size: size,
        image_size: place < 0 ? null : imageSize,
        at,
        excerpt,
      }),
    ),
    diagnostics,
  };
}

/** What of a payload's base is proven; null when that was not asked for. */
export interface BaseSummary extends BaseCounts {
  readonly list: readonly BaseFunction[];
}

export function baseSummary(payload: FinishedPayload): BaseSummary | null {
  const { base } = payload.resolved;
  if (base === undefined) return null;
  const unproven = base.filter(({ verdict }) => verdict !== 'proven');
  return { ...countFunctions(base.length - unproven.length, unproven), list: base };
}

/** `base proven: 3 of 3 functions`, and why others are not; ends without a line feed. */
export function renderPayloadBase(payload: FinishedPayload, verbose: boolean): string[] {
  const summary = baseSummary(payload);
  if (summary === null) return ['base not proven: --no-base-proof left that out'];
  const others = summary.list.filter(({ verdict }) => verdict !== 'proven');
  const listed = verbose ? summary.list : others;
  return [
    `base proven: ${counted(summary.proven, summary.functions)}`,
    ...groupAlike(listed, verbose).map(({ names, role, verdict, reason }) => {
      const why = reason === '' ? '' : `: ${reason}`;
      return `  ${printable(`${names}, ${role}: ${SAID[verdict]}${why}`)}`;
    }),
  ];
}

/** Names in one line. */
const NAMED = 4;

/** Functions of which the same is to be said, together; with -v each one has its line. */
function groupAlike(
  list: readonly BaseFunction[],
  verbose: boolean,
): (Omit<BaseFunction, 'name'> & { readonly names: string })[] {
  const groups = new Map<string, BaseFunction[]>();
  for (const one of list) {
    const key = JSON.stringify(verbose ? one : [one.role, one.verdict, one.reason]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const named = group.slice(0, NAMED).map(({ name }) => name);
    const more = group.length > NAMED ? [`and ${group.length - NAMED} more (-v names them)`] : [];
    return { ...group[0], names: [...named, ...more].join(', ') };
  });
}

const SAID: Readonly<Record<UnprovenFunction['verdict'], string>> = {
  proven: 'proven',
  stamped: 'differs in what tells of the build only',
  differs: 'differs',
  unchecked: 'cannot be checked',
};

function counted(some: number, all: number): string {
  return `${thousands(some)} of ${thousands(all)} function${all === 1 ? '' : 's'}`;
}

function thousands(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

type Group = Exclude<UnprovenFunction['kind'], null | 'below'>;

const GROUPS: readonly (readonly [Group, string])[] = [
  ['missing', 'are not in the image: another configuration, or a patch that only the source has'],
  ['size', 'have another size'],
  ['code', 'have the same size and other instructions'],
  ['target', 'refer to something else'],
  ['contents', 'use other constants or tables'],
  ['string', 'use other texts'],
  ['unchecked', 'cannot be checked'],
  ['stamp', 'differ in nothing but what tells when, where and by whom they were built'],
];

/** Functions of a group that are named without -v; where much differs, single ones say little. */
const SHOWN = 8;
const SHOWN_OF_MANY = 2;
const MANY = 100;

/** The number, the likely cause, then what differs by kinds; with -v every function and both sides. */
export function renderCheckBase(proof: BaseProof, style: BaseStyle): string {
  const color = pc.createColors(style.color);
  const { counts, causes, notLinked, objects } = proof;
  const rest = [
    ...(counts.differ > 0 ? [`${thousands(counts.differ)} differ`] : []),
    ...(counts.stamped > 0 ? [`${thousands(counts.stamped)} only in what tells of the build`] : []),
    ...(counts.unchecked > 0 ? [`${thousands(counts.unchecked)} cannot be checked`] : []),
  ];
  const paint = counts.differ > 0 ? color.red : color.green;
  const number = `base proven: ${counted(counts.proven, counts.functions)}`;
  const lines = [paint(color.bold([number, ...rest].join(', ')))];
  for (const { text, certain } of causes)
    lines.push(`${certain ? 'cause' : 'likely cause'}: ${printable(text)}`);
  const unproven = objects.flatMap((object) => object.unproven);
  if (style.verbose && unproven.some(({ excerpt }) => excerpt !== null))
    lines.push('(- as built from the source, + as it runs)');
  for (const [kind, says] of GROUPS) {
    const group = unproven.filter((one) => one.kind === kind);
    const shown = style.verbose ? group.length : counts.differ > MANY ? SHOWN_OF_MANY : SHOWN;
    if (group.length > 0) lines.push(...renderGroup(group, [kind, says], shown, style));
  }
  if (notLinked.length > 0) {
    const many = notLinked.length === 1 ? '1 object' : `${notLinked.length} objects`;
    lines.push(
      `${many} of archives not linked, because nothing needs them${style.verbose ? `: ${notLinked.join(', ')}` : ''}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function renderGroup(
  group: readonly UnprovenFunction[],
  [kind, says]: readonly [Group, string],
  shown: number,
  { color: colored, verbose }: BaseStyle,
): string[] {
  const color = pc.createColors(colored);
  const many = group.length === 1 ? '1 function' : `${thousands(group.length)} functions`;
  const lines = [color.bold(`${many}: ${says}`)];
  for (const one of group.slice(0, shown)) {
    const why = kind === 'missing' ? '' : `: ${one.reasons.join('; ')}`;
    lines.push(`  ${printable(`${one.name} (${one.object})${why}`)}`);
    if (!verbose || one.excerpt === null) continue;
    const { kind: what, reason, object, image } = one.excerpt;
    const changed = {
      name: one.name,
      sourceFile: '',
      kind: what,
      reason,
      orig: object,
      patched: image,
      modulo: [],
    };
    lines.push(`      ${printable(`${what}: ${reason}`)}`, ...renderExcerpts(changed, colored));
  }
  if (group.length > shown) lines.push(`  and ${thousands(group.length - shown)} more: -v shows all`);
  return lines;
}
