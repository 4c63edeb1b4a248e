/**
 * Diagnostics as text, in the form that users of linkers and compilers know: what, where, the context as it is
 * in the file, then notes and a hint. Repetitions about one symbol are grouped: three places, then "and N more".
 */
import pc from 'picocolors';
import { fitFrame } from './frame.js';
import { printableName } from './printable.js';
import { wrapText } from './wrap.js';
import type { Diagnostic, Location } from './diagnostic.js';

export interface RenderOptions {
  readonly color: boolean;
  /** Characters in a line of the terminal: sentences are broken there, and frames, which show a file, are cut. */
  readonly width?: number | undefined;
}

const SHOWN_PER_GROUP = 3;
const FRAME_INDENT = ' '.repeat(6);

/** All diagnostics in their order, a blank line between them; '' when there are none. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  const groups = new Map<string, Diagnostic[]>();
  for (const found of diagnostics) {
    const key = `${found.code} ${found.message}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [found]);
    else group.push(found);
  }
  return [...groups.values()].map((group) => renderGroup(group, options)).join('\n');
}

function renderGroup(group: readonly Diagnostic[], options: RenderOptions): string {
  const color = pc.createColors(options.color);
  const { width } = options;
  const [first] = group;
  const paint =
    first.severity === 'error' ? color.red : first.severity === 'warning' ? color.yellow : color.cyan;
  const label = `${first.severity}[${first.code}]`;
  const said = wrapText(first.message, width, { used: label.length + 2, hanging: 4 });
  const lines = [`${paint(color.bold(label))}: ${said.map((line) => color.bold(line)).join('\n')}`];
  const remark = (kind: string, text: string): void => {
    const aside = kind.length + 4;
    lines.push(`  ${color.bold(kind)}: ${wrapText(text, width, { used: aside, hanging: aside }).join('\n')}`);
  };
  for (const found of group.slice(0, SHOWN_PER_GROUP)) {
    const place = renderLocation(found.at);
    if (place !== '') lines.push(`  ${color.blue('-->')} ${place}`);
    const frame = found.frame ?? [];
    const shown = width === undefined ? frame : fitFrame(frame, width - FRAME_INDENT.length);
    for (const line of shown) lines.push(`${FRAME_INDENT}${line}`);
  }
  if (group.length > SHOWN_PER_GROUP)
    lines.push(`  ${color.blue('-->')} and ${group.length - SHOWN_PER_GROUP} more`);
  for (const note of first.notes) remark('note', note);
  if (first.hint !== undefined) remark('hint', first.hint);
  return `${lines.join('\n')}\n`;
}

/** `common/domctl.o:(.text.do_domctl+0x1f3)`, `fix.patch:12`, or what there is of it. */
export function renderLocation(at: Location | undefined): string {
  if (at === undefined) return '';
  const object = printableName(at.object ?? '');
  const place = at.line === undefined ? object : `${object}:${at.line}`;
  if (at.section === undefined)
    return at.symbol === undefined || place === '' ? place : `${place}: ${printableName(at.symbol)}`;
  const distance = at.section_offset === undefined ? '' : `+0x${at.section_offset.toString(16)}`;
  return `${place}:(${printableName(at.section)}${distance})`;
}
