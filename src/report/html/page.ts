/**
 * A build as one HTML file that explains itself: no network, nothing beside it, the same bytes for the same build. It
 * can be read without its script; that adds the explorer, folding and the filter. The policy in its head lets run just
 * that script, and nothing that a name from an object might smuggle in.
 */
import { createHash } from 'node:crypto';
import { contents, memoryMap, specialEntries } from './contents.js';
import { functionArticles, otherHunks, overview } from './functions.js';
import { html, verbatim } from './markup.js';
import type { Markup } from './markup.js';
import { section } from './section.js';
import type { ReportSubject } from './subject.js';
import { STYLE } from './style.js';
import { badges, base, diagnostics, inputs, plan, proof } from './verdicts.js';

const SECTIONS = [
  ['overview-title', 'Overview'],
  ['said', 'Diagnostics'],
  ['functions', 'Functions'],
  ['contents', 'What came in'],
  ['special', 'Special sections'],
  ['plan', 'Plan'],
  ['base', 'Base'],
  ['proof', 'Proof'],
  ['memory', 'Memory'],
  ['inputs', 'Inputs'],
] as const;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The whole file; `script` is that of browser/. */
export function renderReport(subject: ReportSubject, script: string): string {
  const policy = `default-src 'none'; style-src ${hashOf(STYLE)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`;
  const { document, path } = subject;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const made = document.payload;
  const links = SECTIONS.filter(
    ([anchor]) => made !== null || (anchor !== 'contents' && anchor !== 'memory'),
  );
  const lead =
    made === null
      ? html`<p>No payload was made; what was found is below.</p>`
      : html`<p>
          Replaces ${made.functions.length} ${made.functions.length === 1 ? 'function' : 'functions'} of the
          hypervisor <code>${made.xen_depends}</code>.
        </p>`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Live patch ${name}</title>
        ${verbatim(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <h1>Live patch ${name}</h1>
          ${lead}${badges(subject)}
        </header>
        <nav aria-label="Sections">
          <ul>
            ${links.map(([anchor, title]) => html`<li><a href="#${anchor}">${title}</a></li>`)}
          </ul>
        </nav>
        <main id="main">
          <section aria-labelledby="overview-title">
            <h2 id="overview-title">Overview</h2>
            ${overview(subject)}
          </section>
          ${diagnostics(subject)} ${functionsSection(subject)} ${otherHunks(subject)} ${contents(subject)}
          ${specialEntries(subject)} ${plan(subject)} ${base(subject)} ${proof(subject)} ${memoryMap(subject)}
          ${inputs(subject)}
        </main>
        <footer>Made by xsplice-build ${subject.version}.</footer>
        ${verbatim(`<script type="module">${script}</script>`)}
      </body>
    </html> `;
  return page.markup;
}

function functionsSection(subject: ReportSubject): Markup {
  const body = html`<div class="tools" id="tools" hidden>
      <label>Filter <input type="search" id="filter" /></label
      ><button type="button" id="fold" aria-pressed="true">Only differences</button
      ><span id="matches" role="status" class="dim"></span>
    </div>
    ${subject.functions.length === 0 ? html`<p>No function changed.</p>` : functionArticles(subject)}`;
  return section('functions', 'Functions', body);
}
