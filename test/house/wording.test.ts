/**
 * What must not be in a file that is committed: paths of the machine it was written on, hosts of package
 * registries (a lock file pins hashes, not servers), notes about work that is left.
 *
 * This file spells the forbidden words in pieces, so that it may contain them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT, demand, filesUnder } from './house.js';

interface Word {
  readonly pattern: RegExp;
  readonly what: string;
  /** Files in which it means something else. */
  readonly except?: RegExp;
}

const spelt = (...pieces: readonly string[]): string => pieces.join('');

const WORDS: readonly Word[] = [
  {
    pattern: new RegExp(spelt('(^|[^\\w.])/(wo', 'rk|ro', 'ot|ho', 'me/\\w+|tmp/x', 'w)/')),
    what: 'a path of one machine',
  },
  { pattern: new RegExp(spelt('\\.\\./sha', 'red\\b')), what: 'a path outside of the repository' },
  {
    pattern: new RegExp(spelt('https?://[^/\\s"]*(regi', 'stry\\.|verda', 'ccio|artif', 'actory|ne', 'xus)')),
    what: 'the host of a package registry',
  },
  {
    pattern: new RegExp(spelt('\\b(TO', 'DO|FIX', 'ME|XX', 'X)\\b')),
    what: 'a note about work that is left',
  },
];

/** Complaints about one text file, with line numbers. */
function wordComplaints(path: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, k) =>
      WORDS.filter(({ pattern, except }) => pattern.test(line) && except?.test(path) !== true).map(
        ({ what }) => `${path}:${k + 1}: ${what}: ${line.trim().slice(0, 80)}`,
      ),
    );
}

/** Largest file that is read as text, in bytes; what is larger is no text of ours. */
const LARGEST_TEXT = 2_000_000;

function isText(bytes: Buffer): boolean {
  return bytes.length < LARGEST_TEXT && !bytes.includes(0);
}

test('files name no machine, no registry and no unfinished work', () => {
  const complaints = filesUnder('')
    .map((path) => ({ path, bytes: readFileSync(join(ROOT, path)) }))
    .filter(({ bytes }) => isText(bytes))
    .flatMap(({ path, bytes }) => wordComplaints(path, bytes.toString('utf8')));
  demand(
    complaints,
    'use a path relative to the repository or a temporary directory made at run time; turn unfinished work into an issue',
  );
});

test('the lock file names no servers', () => {
  const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  demand(
    /"resolved"/.test(lock) ? ['package-lock.json has "resolved"'] : [],
    'run npm with the .npmrc of this repository (omit-lockfile-registry-resolved=true)',
  );
});

test('the rule sees the words', () => {
  const bad = [
    spelt('cd /wo', 'rk/main'),
    spelt("readFile('/tmp/x", "w/xen')"),
    spelt('see ../sha', 'red/design.md'),
    spelt('"resolved": "https://regi', 'stry.npmjs.org/x"'),
    spelt('// TO', 'DO: later'),
  ];
  for (const line of bad) expect(wordComplaints('src/x.ts', `first\n${line}`)).toHaveLength(1);
  const good = ['a network/path', '/tmp/elsewhere', 'https://xenbits.xen.org/', 'teamwo' + 'rk/x'];
  for (const line of good) expect(wordComplaints('src/x.ts', line)).toEqual([]);
});
