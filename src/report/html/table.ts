/** Tables of a report: they scroll by themselves in a narrow window, by keyboard, too. */
import { html, NONE } from './markup.js';
import type { Markup } from './markup.js';

export interface TableParts {
  /** How the region is called that scrolls. */
  readonly label: string;
  readonly caption?: string;
  /** Titles; one that begins with # is of a column of numbers. */
  readonly columns: readonly string[];
  /** `<tr>` each. */
  readonly rows: readonly Markup[];
  /** Attribute class of the table. */
  readonly style?: string;
}

export function table({ label, caption, columns, rows, style = '' }: TableParts): Markup {
  const heads = columns.map((title) =>
    title.startsWith('#')
      ? html`<th scope="col" class="n">${title.slice(1)}</th>`
      : html`<th scope="col">${title}</th>`,
  );
  return html`<div class="wide" tabindex="0" role="region" aria-label="table of ${label}">
    <table class="${style}">
      ${
        caption === undefined
          ? NONE
          : html`<caption>
              ${caption}
            </caption>`
      }
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
