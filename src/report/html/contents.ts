/** What is in a payload and through what it came in, its special-section entries, its sections as they lie in memory. */
import { SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE } from '../../elf/constants.js';
import { relocName } from '../../elf/reloc-x86-64.js';
import { describeLink } from '../inclusion.js';
import { html, json, NONE } from './markup.js';
import type { Markup } from './markup.js';
import { section } from './section.js';
import type { ReportSubject } from './subject.js';
import { table } from './table.js';

/** Rows of a table beyond which the rest is counted only. */
const MOST_ROWS = 3000;

export function contents(subject: ReportSubject): Markup {
  const { document, nodes, edges } = subject;
  if (document.payload === null) return NONE;
  const { included } = document.payload;
  const rows = included.slice(0, MOST_ROWS).map(
    ({ name, kind, size, reason, object, chain }, k) =>
      html`<tr id="n${k}">
        <td class="m">${name}</td>
        <td>${kind}</td>
        <td class="n">${size}</td>
        <td>${chain.length === 0 ? reason : chain.map(describeLink).join(' ← ')}</td>
        <td class="dim">${object}</td>
      </tr>`,
  );
  const body = html`<p>
      ${included.length} things; ${nodes.length - included.length} names are left to the hypervisor.
    </p>
    <div id="explorer" hidden>
      <div class="tools">
        <label>Find <input type="search" id="find" list="names" /></label><datalist id="names"></datalist
        ><button type="button" id="back">Back</button><span id="found" role="status" class="dim"></span>
      </div>
      <div class="graph" id="graph"></div>
    </div>
    <script type="application/json" id="graph-data">
      ${json({
        nodes: nodes.map(({ name, kind, size, reason }) => [name, kind, size, reason]),
        edges: edges.map(({ from, to, at }) => [from, to, at]),
      })}
    </script>
    ${table({ label: 'what is in the payload', caption: `Everything in the payload${included.length > MOST_ROWS ? `, the first ${String(MOST_ROWS)}` : ''}`, columns: ['thing', 'kind', '#bytes', 'why', 'object'], rows })}
    <h3>Left to the hypervisor</h3>
    <p class="code">
      ${[...new Set(nodes.slice(included.length).map(({ name }) => name))].sort().join(', ') || 'nothing'}
    </p>`;
  return section('contents', 'What came in, and through what', body);
}

export function specialEntries({ entries }: ReportSubject): Markup {
  const rows = entries.slice(0, MOST_ROWS).map(
    ({ section, of, says }) =>
      html`<tr>
        <td class="m">${section}</td>
        <td class="m">${of}</td>
        <td>${says}</td>
      </tr>`,
  );
  const list = table({
    label: 'special-section entries',
    caption: `${entries.length} entries that come with the code they describe`,
    columns: ['section', 'of', 'what it says'],
    rows,
  });
  const body =
    entries.length === 0
      ? html`<p>None: no bug frame, no alternative, no exception entry belongs to this code.</p>`
      : list;
  return section('special', 'Special-section entries', body);
}

const PAGE = 4096;
const MAP_WIDTH = 900;

export function memoryMap({ payload }: ReportSubject): Markup {
  if (payload === undefined) return NONE;
  const sections = payload.object.sections
    .filter(({ sh_flags }) => (sh_flags & SHF_ALLOC) !== 0)
    .map((section) => ({ ...section, size: section.sh_size ?? section.bytes.length }));
  // The loader puts code first, then what is written, then what is only read, each on pages of its own.
  const kinds = [
    { title: 'code, read and run', fits: (flags: number) => (flags & SHF_EXECINSTR) !== 0 },
    {
      title: 'data, read and written',
      fits: (flags: number) => (flags & SHF_EXECINSTR) === 0 && (flags & SHF_WRITE) !== 0,
    },
    { title: 'constants, read', fits: (flags: number) => (flags & (SHF_EXECINSTR | SHF_WRITE)) === 0 },
  ];
  const groups = kinds.map(({ title, fits }) => {
    const members = sections.filter(({ sh_flags }) => fits(sh_flags));
    const bytes = members.reduce(
      (end, { size, sh_addralign }) => Math.ceil(end / sh_addralign) * sh_addralign + size,
      0,
    );
    return { title, members, bytes, pages: Math.ceil(bytes / PAGE) };
  });
  const most = Math.max(1, ...groups.map(({ pages }) => pages));
  const bars = groups.map(({ title, bytes, pages }, k) => {
    const width = Math.round((MAP_WIDTH * bytes) / (most * PAGE));
    return html`<g transform="translate(0 ${k * 44})"
      ><text x="0" y="13">${title}: ${bytes} bytes, ${pages} ${pages === 1 ? 'page' : 'pages'}</text
      ><rect x="0" y="18" width="${MAP_WIDTH * (pages / most)}" height="16" fill-opacity="0.3"></rect
      ><rect x="0" y="18" width="${width}" height="16"></rect
    ></g>`;
  });
  const rows = groups.flatMap(({ title, members }) =>
    members.map(
      ({ name, size, sh_addralign, relas }) =>
        html`<tr>
          <td class="m">${name}</td>
          <td>${title}</td>
          <td class="n">${size}</td>
          <td class="n">${sh_addralign}</td>
          <td class="n">${relas?.length ?? 0}</td>
        </tr>`,
    ),
  );
  const body = html`<div class="graph" tabindex="0" role="region" aria-label="map">
      <svg
        class="map"
        viewBox="0 0 ${MAP_WIDTH + 4} ${groups.length * 44}"
        role="img"
        aria-label="${groups.map(({ title, pages }) => `${title}: ${String(pages)} pages`).join('; ')}"
      >
        ${bars}
      </svg>
    </div>
    ${table({ label: 'sections', caption: 'Sections that are loaded, in the order of the loader', columns: ['section', 'on pages for', '#bytes', '#alignment', '#relocations'], rows })}
    ${relocations(payload)}`;
  return section('memory', 'Memory map of the payload', body);
}

function relocations({ object }: NonNullable<ReportSubject['payload']>): Markup {
  const rows = object.sections.flatMap(({ name, relas = [] }) =>
    relas.map(
      ({ r_offset, r_type, symbol, r_addend }) =>
        html`<tr>
          <td class="m">${name}+0x${r_offset.toString(16)}</td>
          <td class="m">${relocName(r_type)}</td>
          <td class="m">${symbol === 'none' ? '' : object.symbols[symbol].name}</td>
          <td class="n">${String(r_addend)}</td>
        </tr>`,
    ),
  );
  if (rows.length === 0) return NONE;
  return html`<details>
    <summary>${rows.length} relocations, by name</summary>
    ${table({ label: 'relocations', columns: ['place', 'type', 'symbol', '#addend'], rows: rows.slice(0, MOST_ROWS) })}
  </details>`;
}
