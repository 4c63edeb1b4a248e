/** How a run is watched and ended: turns of the event loop, listeners that wait or throw, signals of every kind. */
import { describe, expect, test } from '@jest/globals';
import type { ProgressEvent } from '../../../src/run/progress.js';
import { controlled, interrupted, Interrupted, RunControl } from '../../../src/run/run-control.js';
import { finish } from '../../../src/run/steps.js';
import type { Steps } from '../../../src/run/steps.js';
import { leastTime } from '../../support/least-time.js';

const EVENT: ProgressEvent = { kind: 'pass', pass: 'x', state: 'begin' };

/** Computes for so many milliseconds, as a function does. */
function compute(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

/** Computes for two seconds in steps of a millisecond. */
function* longWork(): Steps<number> {
  for (let k = 0; k < 2000; k++) {
    compute(1);
    yield EVENT;
  }
  return 2000;
}

describe('a run is ended', () => {
  const outcome = (signal: AbortSignal): Promise<readonly string[]> =>
    controlled(
      { signal },
      async (control) => [String(await control.drive(longWork()))],
      (diagnostics) => diagnostics.map(({ code }) => code),
    );

  test('by a timer, while it computes', async () => {
    const ended = async (): Promise<number> => {
      const abort = new AbortController();
      let fired = 0;
      setTimeout(() => {
        fired = performance.now();
        abort.abort();
      }, 100);
      expect(await outcome(abort.signal)).toEqual(['XS819']);
      return performance.now() - fired;
    };
    expect(await leastTime(200, ended)).toBeLessThan(200);
  });

  test('before it begins', async () => {
    const ended = async (): Promise<number> => {
      const begin = performance.now();
      expect(await outcome(AbortSignal.abort())).toEqual(['XS819']);
      return performance.now() - begin;
    };
    expect(await leastTime(100, ended)).toBeLessThan(100);
  });

  test('at its very end, when the signal came while nothing else could run', async () => {
    const abort = new AbortController();
    setImmediate(() => abort.abort());
    const ended = await controlled(
      { signal: abort.signal },
      () => {
        compute(10);
        return Promise.resolve('a result');
      },
      () => 'nothing',
    );
    expect(ended).toBe('nothing');
  });

  test('and says once that it was, after what was found', () => {
    const codes = interrupted([...interrupted([]), ...interrupted([])]).map(({ code }) => code);
    expect(codes).toEqual(['XS819']);
  });

  test('with no hold on the signal afterwards, however many listen inside', async () => {
    const warnings: Error[] = [];
    const listener = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listener);
    const { signal } = new AbortController();
    for (let k = 0; k < 20; k++) {
      await controlled(
        { signal },
        (control) => {
          for (let n = 0; n < 20; n++) control.signal.addEventListener('abort', () => undefined);
          return Promise.resolve();
        },
        () => undefined,
      );
    }
    process.off('warning', listener);
    expect(warnings).toEqual([]);
  });
});

describe('a listener', () => {
  test('that throws ends the run, and the call is rejected with the same', async () => {
    let heard = 0;
    const ended: string[] = [];
    const run = controlled(
      {
        onProgress: () => {
          heard += 1;
          throw new RangeError('mine');
        },
      },
      async (control) => {
        control.signal.addEventListener('abort', () => ended.push('cleaned up'));
        return await control.drive(longWork());
      },
      () => 0,
    );
    await expect(run).rejects.toThrow(new RangeError('mine'));
    expect([heard, ended]).toEqual([1, ['cleaned up']]);
  });

  test('whose promise is rejected does the same', async () => {
    const run = controlled(
      { onProgress: () => Promise.reject(new RangeError('later')) },
      (control) => control.drive(longWork()),
      () => 0,
    );
    await expect(run).rejects.toThrow(new RangeError('later'));
  });

  test('is waited for, but not when the run is to end', async () => {
    const order: string[] = [];
    const slow = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push('written');
    };
    const control = new RunControl({ onProgress: slow });
    control.tell(EVENT);
    await control.pause();
    order.push('went on');
    expect(order).toEqual(['written', 'went on']);

    const abort = new AbortController();
    const stuck = new RunControl({ signal: abort.signal, onProgress: () => new Promise(() => undefined) });
    stuck.tell(EVENT);
    setTimeout(() => abort.abort(), 20);
    await expect(stuck.pause()).rejects.toThrow(Interrupted);
  });
});

test('work in steps may be done in one go', () => {
  function* three(): Steps<string> {
    yield EVENT;
    yield undefined;
    return 'done';
  }
  expect(finish(three())).toBe('done');
});

test('a mistake of the tool is no interruption', async () => {
  const run = controlled(
    {},
    () => Promise.reject(new TypeError('a bug')),
    () => 0,
  );
  await expect(run).rejects.toThrow(TypeError);
});
