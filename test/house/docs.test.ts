/**
 * The pages for users: docs/diagnostics.md is made from the table of codes and their golden texts
 * (`XSPLICE_BLESS=1 make tidy` rewrites it), and what a page links to is there.
 */
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { DIAGNOSTIC_CODES } from '../../src/diag/codes.js';
import type { CodeEntry } from '../../src/diag/codes.js';
import { ROOT, demand } from './house.js';

const PAGE = join(ROOT, 'docs/diagnostics.md');
const FAMILIES: readonly (readonly [digit: string, title: string])[] = [
  ['1', 'Reading files'],
  ['2', 'Telling what is which'],
  ['3', 'Comparing'],
  ['4', 'Names, the base, splices'],
  ['5', 'Writing'],
  ['6', 'Proving'],
  ['7', 'Passes of users'],
  ['8', 'Source and builds'],
  ['9', 'The command line'],
];

const HEAD = `# Diagnostics

Every code that this tool can say, with its severity, what it means and what to do, and a sample as its user sees it.
\`xsplice-build explain CODE\` prints the text of one. A code is never used again for another meaning.

This page is made from the source: edit src/diag/codes/ instead.
`;

function pageOf(codes: Readonly<Record<string, CodeEntry>>): string {
  const sections = FAMILIES.map(([digit, title]) => {
    const own = Object.entries(codes)
      .filter(([code]) => code[2] === digit)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const parts = own.map(([code, { severity, title: says, text }]) => {
      const sample = readFileSync(join(ROOT, `golden/diagnostics/${code}.txt`), 'utf8').trimEnd();
      return `### ${code}: ${says}\n\n*${severity}.* ${text}\n\n\`\`\`\n${sample}\n\`\`\`\n`;
    });
    return `## XS${digit}xx: ${title}\n\n${parts.join('\n')}`;
  });
  return `${HEAD}\n${sections.join('\n')}`;
}

test('docs/diagnostics.md tells all codes as they are', () => {
  const wanted = pageOf(DIAGNOSTIC_CODES);
  if (process.env['XSPLICE_BLESS'] === '1') writeFileSync(PAGE, wanted);
  else if (!existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== wanted)
    demand(['docs/diagnostics.md is out of date'], 'run `XSPLICE_BLESS=1 make tidy`');
});

/** All pages, relative to the root. */
function pages(): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return below(path);
      return entry.name.endsWith('.md') ? [path] : [];
    });
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  return [...top, ...['docs', 'src', 'golden', 'test'].flatMap(below)].sort();
}

/** Titles as anchors: what forges make of them. */
function anchorsOf(page: string): Set<string> {
  const text = page.replace(/^```[\s\S]*?^```$/gm, '');
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .trim()
        .replace(/ /g, '-'),
    ),
  );
}

/** What a page links to and is not there. */
function brokenLinks(page: string, text: string, exists: (path: string) => boolean): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path, anchor] = target.split('#');
    const place = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
    if (place.startsWith('..') || !exists(place)) return [`${page}: ${target} leads nowhere`];
    if (anchor === undefined || !place.endsWith('.md')) return [];
    const there = anchorsOf(place === page ? text : readFileSync(join(ROOT, place), 'utf8'));
    return there.has(anchor) ? [] : [`${page}: ${place} has no title #${anchor}`];
  });
}

test('what pages link to is there', () => {
  const exists = (path: string): boolean =>
    statSync(join(ROOT, path), { throwIfNoEntry: false }) !== undefined;
  demand(
    pages().flatMap((page) => brokenLinks(page, readFileSync(join(ROOT, page), 'utf8'), exists)),
    'mend the link, or the title that it names',
  );
});

test('every page of docs/ can be found from docs/README.md', () => {
  const index = readFileSync(join(ROOT, 'docs/README.md'), 'utf8');
  const own = pages().filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
  demand(
    own
      .filter((page) => !index.includes(`(${page.slice('docs/'.length)})`))
      .map((page) => `docs/README.md does not lead to ${page}`),
    'add a line for it',
  );
});

test('a link that leads nowhere is found, and none in code is looked at', () => {
  const text = '# A b: c\n[x](y.md) [z](#a-b-c) [w](#gone) [v](https://x.y/) `[u](t)`\n```\n[s](r)\n```\n';
  expect(brokenLinks('docs/p.md', text, (path) => path === 'docs/p.md')).toEqual([
    'docs/p.md: y.md leads nowhere',
    'docs/p.md: docs/p.md has no title #gone',
  ]);
});
