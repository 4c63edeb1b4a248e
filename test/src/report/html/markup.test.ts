/** Text cannot become markup. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escaped, html, json } from '../../../../src/report/html/markup.js';

describe('markup', () => {
  test('escapes what is inserted, and keeps what is markup already', () => {
    const inner = html`<b>${'<i>'}</b>`;
    expect(html`<p title="${'"'}">${inner}${3}${undefined}${[inner, inner]}</p>`.markup).toBe(
      '<p title="&quot;"><b>&lt;i&gt;</b>3<b>&lt;i&gt;</b><b>&lt;i&gt;</b></p>',
    );
  });

  test('breaks of lines in templates are layout beside blocks, and spaces in sentences', () => {
    expect(
      html`<p>
        one
        <code>two</code>
        three ${4} five
      </p>`.markup,
    ).toBe('<p>one <code>two</code> three 4 five</p>');
    expect(
      html`<table>
        <tr>
          <td>${'a\n b'}</td>
        </tr>
      </table>`.markup,
    ).toBe('<table><tr><td>a\n b</table>');
  });

  test('whatever the text, no tag, no quote, no hidden character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escaped(text)).not.toMatch(/[<>"'\u0000-\u0008\u202a-\u202e\u2066-\u2069]/);
        expect(json({ text }).markup).not.toMatch(/[<>&]/);
        expect(JSON.parse(json({ text }).markup)).toEqual({ text });
      }),
    );
  });
});
