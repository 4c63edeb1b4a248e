/**
 * Code of two sides as lines of text: `-` only in the original, `+` only in the patched, nothing for both, the way
 * people read patches; offsets, bytes, instructions in the form of objdump, relocations beneath.
 */
import pc from 'picocolors';
import { withoutControls as printable } from '../diag/printable.js';
import type { ChangedFunction, CodeExcerpt, ExcerptLine, ExplainedFunction } from '../model/explanation.js';

type Marker = ' ' | '-' | '+';

interface Row {
  readonly marker: Marker;
  /** Offsets, as they are printed. */
  readonly place: string;
  readonly bytes: string;
  readonly text: string;
  readonly below: readonly string[];
}

/** The one line that tells why a function changed. */
export function reasonOf({ kind, reason }: ChangedFunction | ExplainedFunction): string {
  return kind === null ? reason : `${kind}: ${reason}`;
}

const INDENT = '      ';

/** The first difference of a function on both sides, without a line feed at the end of lines. */
export function renderExcerpts({ orig, patched }: ChangedFunction, color: boolean): string[] {
  return renderSides(orig ?? [], patched ?? [], color);
}

function renderSides(orig: CodeExcerpt, patched: CodeExcerpt, color: boolean): string[] {
  const [olds, news] = [groupsOf(orig), groupsOf(patched)];
  const lines: string[] = [];
  for (let k = 0; k < Math.max(olds.length, news.length); k++) {
    const [old, fresh] = [olds.at(k) ?? [], news.at(k) ?? []];
    const title = titleOf(old, fresh);
    if (title !== '') lines.push(`${INDENT}${title}:`);
    lines.push(...printed(merged(old, fresh), color).map((line) => `${INDENT}${line}`));
  }
  return lines;
}

/** Consecutive lines of one thing. */
function groupsOf(lines: CodeExcerpt): ExcerptLine[][] {
  const groups: ExcerptLine[][] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last?.[0]?.of === line.of) last.push(line);
    else groups.push([line]);
  }
  return groups;
}

function titleOf(old: CodeExcerpt, fresh: CodeExcerpt): string {
  const names = new Set([...old.slice(0, 1), ...fresh.slice(0, 1)].map((line) => line.of));
  return printable([...names].filter((name) => name !== '').join(', now '));
}

/**
 * What differs as runs of `-` and `+`; what is on both sides once, with the offset of the patched one. Where the
 * patched excerpt ends before the original one, what is left of that is on both sides, at an offset not shown.
 */
function merged(old: CodeExcerpt, fresh: CodeExcerpt): Row[] {
  const rows: Row[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    for (; i < old.length && old[i].differs; i++) rows.push(rowOf('-', old[i]));
    for (; j < fresh.length && fresh[j].differs; j++) rows.push(rowOf('+', fresh[j]));
    if (j < fresh.length) rows.push(rowOf(' ', fresh[j]));
    i++;
    j++;
  }
  return rows;
}

function rowOf(marker: Marker, { shows, at, bytes, text, refs }: ExcerptLine): Row {
  const place = shows === 'fact' ? '' : at.toString(16);
  // An entry is told in words, and so is a string.
  const told = shows === 'instruction' || text === '' ? bytes : '';
  return { marker, place, bytes: told, text, below: shows === 'entry' ? [] : unsaid(text, refs) };
}

/** Relocations whose targets the instruction does not name. */
function unsaid(text: string, refs: readonly string[]): string[] {
  return refs.filter((ref) => !text.includes(ref.slice(ref.indexOf(' ', ref.indexOf(' ') + 1) + 1)));
}

/** Columns for bytes: longer instructions push their text to the right. */
const MOST_BYTES = 30;

function printed(rows: readonly Row[], color: boolean): string[] {
  const paint = pc.createColors(color);
  const places = rows.reduce((most, { place }) => Math.max(most, place.length), 0);
  const bytes = rows.reduce((most, row) => Math.max(most, Math.min(row.bytes.length, MOST_BYTES)), 0);
  const painted = { '-': paint.red, '+': paint.green, ' ': paint.dim };
  return rows.flatMap(({ marker, place, bytes: hex, text, below }) => {
    const at = places === 0 ? '' : `${place.padStart(places)}: `;
    const head = `${marker} ${at}`;
    const margin = ' '.repeat(head.length + (bytes === 0 ? 0 : bytes + 2));
    const column = bytes === 0 ? '' : `${hex.padEnd(bytes)}  `;
    const line = `${head}${column}${printable(text)}`.trimEnd();
    return [line, ...below.map((ref) => `${margin}${printable(ref)}`)].map((l) => painted[marker](l));
  });
}

/** A function whole; ends with a line feed. */
export function renderExplained(explained: ExplainedFunction, color: boolean): string {
  const { object, name, sourceFile, verdict, modulo, lines, elsewhere } = explained;
  const paint = pc.createColors(color);
  const file = sourceFile === '' ? '' : ` of ${sourceFile}`;
  const title = `${paint.bold(`${object}: ${printable(name)}`)}${printable(file)}: ${verdict}, ${printable(reasonOf(explained))}`;
  const last = lines.at(-1);
  const width = (last?.patchedAt ?? last?.origAt ?? 0).toString(16).length;
  const rows = lines.map((line): Row => {
    const [from, to] = [line.origAt, line.patchedAt].map((at) => (at === null ? '' : at.toString(16)));
    return {
      marker: line.side === 'both' ? ' ' : line.side === 'orig' ? '-' : '+',
      place: `${from.padStart(width)} ${to.padStart(width)}`,
      bytes: line.bytes,
      text: line.text,
      below: [...line.refs, ...line.entries.map((entry) => `; ${entry}`)],
    };
  });
  const outside = renderSides(elsewhere.orig, elsewhere.patched, color);
  return `${[title, ...renderModulo(modulo), ...printed(rows, color), ...outside].join('\n')}\n`;
}

export function renderModulo(modulo: readonly string[]): string[] {
  return modulo.length === 0 ? [] : [`${INDENT}(without effect: ${printable(modulo.join(', '))})`];
}
