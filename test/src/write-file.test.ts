/** Files appear whole, under their name, and nothing is left beside them. */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeFileAtomically } from '../../src/write-file.js';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'write-file-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);

test('a file is made or replaced, and alone afterwards', () => {
  writeFileAtomically(at('x'), Buffer.from('one'));
  const { ino } = statSync(at('x'));
  writeFileAtomically(at('x'), Buffer.from('two'));
  expect([readFileSync(at('x'), 'utf8'), statSync(at('x')).ino === ino]).toEqual(['two', false]);
  expect(readdirSync(folder)).toEqual(['x']);
});

test('what a killed run left goes, what a living one is writing stays', () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(at(`.x.${String(dead)}.tmp`), 'half');
  writeFileSync(at(`.x.${String(process.ppid)}.tmp`), 'half');
  writeFileSync(at(`.y.${String(dead)}.tmp`), 'of another file');
  writeFileAtomically(at('x'), Buffer.from('whole'));
  expect(readdirSync(folder).sort()).toEqual(
    [`.x.${String(process.ppid)}.tmp`, `.y.${String(dead)}.tmp`, 'x'].sort(),
  );
});

test('devices are written to, links are followed, and neither is replaced', () => {
  writeFileAtomically('/dev/null', Buffer.from('gone'));
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  writeFileSync(at('real'), 'old');
  symlinkSync('real', at('link'));
  writeFileAtomically(at('link'), Buffer.from('new'));
  expect([readlinkSync(at('link')), readFileSync(at('real'), 'utf8')]).toEqual(['real', 'new']);
});

test('a folder in the way, or none to write to, is an error, and nothing is left', () => {
  expect(() => writeFileAtomically(folder, Buffer.from('x'))).toThrow(/EISDIR/);
  expect(() => writeFileAtomically(at('no/such/x'), Buffer.from('x'))).toThrow(/ENOENT/);
  expect(existsSync(at('no'))).toBe(false);
});
