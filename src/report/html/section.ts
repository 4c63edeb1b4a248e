/** The parts of a report: each with its heading, by which screen readers name it. */
import { html } from './markup.js';
import type { Markup } from './markup.js';

/** `anchor` is what links to it name. */
export function section(anchor: string, title: string, body: Markup): Markup {
  return html`<section id="${anchor}" aria-labelledby="h-${anchor}">
    <h2 id="h-${anchor}">${title}</h2>
    ${body}
  </section>`;
}
