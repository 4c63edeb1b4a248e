/** Programs are found by absolute folders only, and several at a time end together. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { findProgram, inParallel, runProgram } from '../../../../src/source/replay/run-program.js';
import { makeFolder, removeFolders } from '../mini-tree.js';

afterAll(removeFolders);

describe('findProgram', () => {
  test('goes by PATH, past what is no program and what is relative', () => {
    const folder = makeFolder();
    for (const name of ['a', 'b', 'c']) mkdirSync(join(folder, name));
    mkdirSync(join(folder, 'a/gcc'));
    writeFileSync(join(folder, 'b/gcc'), '');
    writeFileSync(join(folder, 'c/gcc'), '');
    chmodSync(join(folder, 'c/gcc'), 0o755);
    const path = ['a', 'b', 'c'].map((name) => join(folder, name)).join(':');
    expect(findProgram('gcc', path)).toBe(join(folder, 'c/gcc'));
    expect(findProgram('gcc', '.:bin::')).toBeUndefined();
    expect(findProgram(join(folder, 'c/gcc'), '')).toBe(join(folder, 'c/gcc'));
    expect(findProgram('c/gcc', folder)).toBeUndefined();
  });
});

describe('runProgram', () => {
  const place = { cwd: '/', env: {} };

  test('tells both streams and how it ended', async () => {
    const script = 'console.log("out"); console.error("err"); process.exit(3)';
    const run = await runProgram(process.execPath, ['-e', script], place);
    expect(run).toMatchObject({ ok: false, stdout: 'out\n' });
    expect(run.output).toEqual(expect.arrayContaining(['out', 'err']));
  });

  test('throws when there is nothing to run', async () => {
    await expect(runProgram('/nonexistent/gcc', [], place)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('inParallel', () => {
  test('does all, no more than allowed at a time', async () => {
    let now = 0;
    let most = 0;
    const done: number[] = [];
    await inParallel([1, 2, 3, 4, 5], 2, async (item) => {
      most = Math.max(most, (now += 1));
      await setTimeout(5);
      now -= 1;
      done.push(item);
    });
    expect(most).toBe(2);
    expect(done.sort()).toEqual([1, 2, 3, 4, 5]);
  });

  test('begins nothing after a failure, and waits for what has begun', async () => {
    const done: number[] = [];
    const all = inParallel([1, 2, 3, 4], 2, async (item) => {
      await setTimeout(item * 10);
      if (item === 1) throw new Error('one');
      done.push(item);
    });
    await expect(all).rejects.toThrow('one');
    expect(done).toEqual([2]);
  });
});
