/** The functions of a report: an overview, and for each its hunks and both sides of its code, aligned. */
import type { ExplainedFunction, ExplainedLine } from '../../model/explanation.js';
import { bareName } from '../../model/names.js';
import { sourceName } from './hunks.js';
import type { Hunk } from './hunks.js';
import { html, NONE } from './markup.js';
import type { Markup } from './markup.js';
import { section } from './section.js';
import type { ReportSubject } from './subject.js';
import { table } from './table.js';

/** Equal lines that are shown around a difference; longer runs are folded. */
const CONTEXT = 3;
const SHORTEST_FOLD = 4;
/** Lines of all functions together; of those beyond, only what differs is in the file, with what stands around it. */
const MOST_LINES = 16_000;

/** The functions that a report shows, with the anchors under which it does. */
export function anchorOf(position: number): string {
  return `f${String(position + 1)}`;
}

export function overview(subject: ReportSubject): Markup {
  const { document, functions } = subject;
  if (functions.length === 0) return html`<p>No function changed.</p>`;
  const replaced = new Map(document.payload?.functions.map((f) => [bareName(f.name), f]));
  const ways = new Map(document.plan?.functions.map(({ name, way = 'trampoline' }) => [bareName(name), way]));
  const proven = new Map(document.base?.list.map(({ name, verdict }) => [bareName(name), verdict]));
  const rows = functions.map((one, k) => {
    const key = one.name;
    const sizes = replaced.get(key);
    const verdict = proven.get(key);
    return html`<tr>
      <td>
        <a href="#${anchorOf(k)}"><code>${one.name}</code></a>
      </td>
      <td class="dim">${one.object}</td>
      <td>${one.verdict}${one.kind === null ? '' : `, ${one.kind}`}</td>
      <td class="n">${sizes?.old_size ?? ''}</td>
      <td class="n">${sizes?.new_size ?? ''}</td>
      <td>${sizes === undefined ? '' : (ways.get(key) ?? 'trampoline')}</td>
      <td>${verdict ?? ''}</td>
    </tr>`;
  });
  return table({
    label: 'functions',
    caption: 'Functions that changed or are new',
    columns: ['function', 'object', 'verdict', '#bytes before', '#now', 'gets there', 'base'],
    rows,
  });
}

export function functionArticles(subject: ReportSubject): Markup[] {
  let budget = MOST_LINES;
  return subject.functions.map((one, k) => {
    const isWhole = one.lines.length <= budget;
    budget -= isWhole ? one.lines.length : 0;
    return article(subject, one, k, isWhole);
  });
}

function article(subject: ReportSubject, one: ExplainedFunction, k: number, isWhole: boolean): Markup {
  const { object, name, sourceFile, verdict, kind, reason, modulo } = one;
  const hunks = subject.hunks.filter((hunk) => touches(hunk, one));
  return html`<article id="${anchorOf(k)}" data-name="${name}">
    <h3><code>${name}</code></h3>
    <dl>
      <dt>object</dt>
      <dd>${object}${sourceFile === '' ? '' : `, of ${sourceFile}`}</dd>
      <dt>verdict</dt>
      <dd>${verdict}</dd>
      <dt>why</dt>
      <dd>${kind === null ? reason : `${kind}: ${reason}`}</dd>
      ${
        modulo.length === 0
          ? NONE
          : html`<dt>without effect</dt>
              <dd>${modulo.join(', ')}</dd>`
      }
    </dl>
    <h4>Source</h4>
    ${sourceOf(subject, hunks)}
    <h4>Code</h4>
    ${codeTable(one, isWhole)} ${elsewhere(one)}
  </article> `;
}

/** Whether a hunk is of a function: its name, in the file that its object was made of, or in a header. */
function touches({ file, functions }: Hunk, { name, object }: ExplainedFunction): boolean {
  if (!functions.includes(sourceName(name))) return false;
  const stem = object.replace(/\.o$/, '');
  return file.endsWith('.h') || file.replace(/\.\w+$/, '').endsWith(stem.slice(stem.lastIndexOf('/') + 1));
}

function sourceOf({ hasSource }: ReportSubject, hunks: readonly Hunk[]): Markup {
  if (!hasSource) return html`<p class="dim">No source was given: two builds were compared.</p>`;
  if (hunks.length === 0)
    return html`<p class="dim">
      No hunk of the patch is in this function: what it inlines, or a macro or structure that it uses,
      changed. See <a href="#other-hunks">the other hunks</a>.
    </p>`;
  return html`${hunks.map(hunkBlock)}`;
}

export function hunkBlock({ file, lines }: Hunk): Markup {
  const [head, ...body] = lines;
  const shown = body.map((line) => {
    const side = line.startsWith('+') ? 'p' : line.startsWith('-') ? 'o' : '';
    return html`<span class="${side}">${line === '' ? ' ' : line}</span>`;
  });
  return html`<pre
    class="hunk"
    tabindex="0"
    aria-label="hunk of ${file}"
  ><span class="dim">${file}</span><span class="dim">${head}</span>${shown}</pre>`;
}

/** Hunks that stand in no article. */
export function otherHunks(subject: ReportSubject): Markup {
  const others = subject.hunks.filter((hunk) => !subject.functions.some((one) => touches(hunk, one)));
  if (others.length === 0) return NONE;
  const body = html`<p>
      They are in no function that changed by itself: in functions that were inlined, in headers, in data, or
      in what this configuration does not compile.
    </p>
    ${others.map(hunkBlock)}`;
  return section('other-hunks', 'Other hunks of the patch', body);
}

const hexOf = (at: number | null): string => (at === null ? '' : at.toString(16));

function codeTable(one: ExplainedFunction, isWhole: boolean): Markup {
  const { lines, name } = one;
  if (lines.length === 0) return html`<p class="dim">There is no code to show.</p>`;
  const near = nearDifferences(lines, one.verdict !== 'changed');
  const rows: Markup[] = [];
  for (let k = 0; k < lines.length;) {
    let end = k;
    while (end < lines.length && !near[end]) end++;
    const run = end - k;
    if (run < SHORTEST_FOLD) end = Math.max(end, k + 1);
    else {
      rows.push(
        html`<tr class="fold">
          <td></td>
          <td></td>
          <td></td>
          <td colspan="2">${run} equal lines</td>
        </tr>`,
      );
      if (!isWhole) {
        k = end;
        continue;
      }
    }
    for (; k < end; k++) rows.push(lineRow(lines[k], run >= SHORTEST_FOLD));
  }
  const cut = isWhole ? '' : '; equal lines are left out of this file, because it would become too large';
  return table({
    label: `code of ${name}`,
    caption: `Both sides: − only before, + only now${cut}`,
    columns: ['before', 'now', 'side', 'bytes', 'instruction, relocations by name'],
    rows,
    style: 'asm',
  });
}

/** Lines that differ, and those around them; all lines where there is but one side. */
function nearDifferences(lines: readonly ExplainedLine[], all: boolean): readonly boolean[] {
  const near = lines.map(() => all);
  if (all) return near;
  for (const [k, { side }] of lines.entries())
    if (side !== 'both')
      for (let i = Math.max(0, k - CONTEXT); i <= Math.min(lines.length - 1, k + CONTEXT); i++)
        near[i] = true;
  return near;
}

const MARKS = { both: [' ', ''], orig: ['−', 'o'], patched: ['+', 'p'] } as const;

function lineRow(
  { side, origAt, patchedAt, bytes, text, refs, entries }: ExplainedLine,
  folded: boolean,
): Markup {
  const [mark, style] = MARKS[side];
  const below = [...refs, ...entries.map((entry) => `; ${entry}`)].map(
    (ref) => html`<span class="ref">${ref}</span>`,
  );
  return html`<tr class="${folded ? 'e' : style}">
    <td>${hexOf(origAt)}</td>
    <td>${hexOf(patchedAt)}</td>
    <td>${mark}</td>
    <td>${bytes}</td>
    <td class="t">${text}${below}</td>
  </tr>`;
}

/** What differs outside of the function and makes its lines differ. */
function elsewhere({ elsewhere: { orig, patched } }: ExplainedFunction): Markup {
  if (orig.length + patched.length === 0) return NONE;
  const sides = [
    ...orig.map((line) => ({ ...line, mark: '−', style: line.differs ? 'o' : '' })),
    ...patched.map((line) => ({ ...line, mark: '+', style: line.differs ? 'p' : '' })),
  ].filter(({ differs }) => differs);
  const rows = sides.map(
    ({ of, mark, style, text, bytes }) =>
      html`<tr class="${style}">
        <td>${mark}</td>
        <td>${of}</td>
        <td class="t">${text === '' ? bytes : text}</td>
      </tr>`,
  );
  return html`<h4>What differs outside of it</h4>
    ${table({ label: 'what differs outside', columns: ['side', 'of', 'contents'], rows, style: 'asm bare' })}`;
}
