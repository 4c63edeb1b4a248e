/** Events as tasks that a reader can follow, and as lines of a log. */
import { describe, expect, test } from '@jest/globals';
import { plainLines } from '../../../../src/cli/progress/plain-lines.js';
import { TaskTrack } from '../../../../src/cli/progress/tasks.js';
import type { TaskName } from '../../../../src/cli/progress/tasks.js';
import type { ProgressEvent } from '../../../../src/index.js';

const pass = (name: string): ProgressEvent => ({ kind: 'pass', pass: name, state: 'begin' });
const upload: ProgressEvent = { kind: 'proof', step: 'upload', subject: 'a\u001b[31m', position: 2, of: 3 };
const BUILD: readonly TaskName[] = ['source', 'compare', 'link', 'base', 'prove'];

function tracked(names: readonly TaskName[]): { track: TaskTrack; at: (ms: number) => void } {
  let now = 0;
  return { track: new TaskTrack(names, () => now), at: (ms) => (now = ms) };
}

describe('tasks', () => {
  test('follow each other, with what is done of each', () => {
    const { track, at } = tracked(BUILD);
    track.tell({ kind: 'source', stage: 'copy', state: 'begin', compiled: 0 });
    expect([track.current?.text, track.ahead.length]).toEqual(['copying the tree', 4]);
    at(2340);
    track.tell(pass('diff-pairs'));
    track.tell({ kind: 'objects', pass: 'diff-pairs', done: 3, total: 8 });
    expect(track.begun.map((task) => track.seconds(task))).toEqual(['2.3', '0.0']);
    expect(track.current?.text).toBe('3 of 8 objects');
    at(60_000);
    track.tell(upload);
    expect(track.current?.text).toBe('uploading a\\x1b[31m (2 of 3)');
    track.end();
    expect(track.begun.map(({ title }) => title)).toEqual([
      'make the objects of both sides',
      'compare the objects',
      'prove the payload in an emulated hypervisor',
    ]);
  });

  test('are never taken back: a payload that is spliced is linked twice', () => {
    const { track } = tracked(BUILD);
    for (const event of [pass('emit-notes'), upload, pass('bind-splices')]) track.tell(event);
    expect(track.begun).toHaveLength(2);
    expect(track.current?.title).toMatch(/^prove/);
  });

  test('are those of the command', () => {
    const { track } = tracked(['plan']);
    track.tell(upload);
    expect(track.current?.title).toBe('find the ways to splice');
  });
});

describe('lines', () => {
  test('say nothing of what is over soon', () => {
    const { track, at } = tracked(BUILD);
    const said: string[] = [];
    const lines = plainLines(track, (text) => said.push(text));
    track.tell(pass('diff-pairs'));
    at(4900);
    lines.look();
    lines.end();
    expect(said).toEqual([]);
  });

  test('say of a long task how far it is, again after a minute, and that it ended', () => {
    const { track, at } = tracked(BUILD);
    const said: string[] = [];
    const lines = plainLines(track, (text) => said.push(text));
    track.tell(pass('diff-pairs'));
    track.tell({ kind: 'objects', pass: 'diff-pairs', done: 3, total: 8 });
    for (const ms of [5000, 6000, 30_000, 65_000, 66_000]) {
      at(ms);
      lines.look();
    }
    track.tell(pass('include-closure'));
    lines.look();
    lines.look();
    lines.end();
    expect(said).toEqual([
      'compare the objects: 3 of 8 objects, 5.0 s so far\n',
      'compare the objects: 3 of 8 objects, 65 s so far\n',
      'compare the objects: ended after 66 s\n',
    ]);
  });
});
