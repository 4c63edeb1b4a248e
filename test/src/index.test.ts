/** The library as a program uses it: what it tells, how it is ended, that it keeps quiet and does not end the process. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build, checkBase, diff, link, loadPasses, plan, validate } from '../../src/index.js';
import type { Diagnostic, LinkRequest, ProgressEvent, RunControls } from '../../src/index.js';
import { reproduce } from '../../src/release/reproduce.js';
import { leastTime } from '../support/least-time.js';
import { returns, tinyPayload } from '../support/tiny-payload.js';

const EXAMPLE = fileURLToPath(new URL('../../../golden/example/', import.meta.url));
const TINY_XEN = fileURLToPath(new URL('../../../golden/machine/tiny-xen', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'library-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const image = join(EXAMPLE, 'mini-syms');
const scenario = join(EXAMPLE, 'scenario.json');
const pairs = ['console.o', 'hypercall.o'].map((object) => ({
  object,
  orig: join(EXAMPLE, 'orig', object),
  patched: join(EXAMPLE, 'patched', object),
}));
const wanted: LinkRequest = { pairs, image, proof: { as: 'fix.xsplice', scenarios: [scenario] } };
const payload = join(folder, 'fix.xsplice');

beforeAll(async () => {
  const { payload: made } = await link(wanted);
  writeFileSync(payload, made?.bytes ?? '');
});

const codesOf = ({ diagnostics }: { readonly diagnostics: readonly Diagnostic[] }): readonly string[] =>
  diagnostics.map(({ code }) => code);

/** An event in a word or two. */
function wordsOf(event: ProgressEvent): string {
  if (event.kind === 'objects') return `${event.pass} ${event.done}/${event.total}`;
  if (event.kind === 'pass') return `${event.state} ${event.pass}`;
  if (event.kind === 'source') return `${event.state} ${event.stage}`;
  return `${event.step} ${event.subject ?? ''} ${event.position}/${event.of}`.replace('  ', ' ');
}

async function eventsOf(run: (controls: RunControls) => Promise<unknown>): Promise<string[]> {
  const events: string[] = [];
  await run({ onProgress: (event) => void events.push(wordsOf(event)) });
  return events;
}

describe('tells', () => {
  test('of each pass that it begins and ends, and of objects as they are done, inline and on threads', async () => {
    for (const threads of [1, 2]) {
      const events = await eventsOf((controls) => diff({ ...controls, pairs, threads }));
      expect(events[0]).toBe('begin diff-pairs');
      expect(events.at(-1)).toBe('end recognise-build');
      expect(events.filter((event) => event.startsWith('diff-pairs')).at(-1)).toBe('diff-pairs 2/2');
    }
  });

  test('of the steps of a proof and of the calls of a scenario', async () => {
    const events = await eventsOf((controls) =>
      validate({ ...controls, image, payloads: [payload], scenarios: [scenario] }),
    );
    expect(events.slice(0, 5)).toEqual([
      'boot 1/1',
      'upload fix 1/1',
      'hazards 1/1',
      'apply fix 1/1',
      'revert fix 1/1',
    ]);
    const title = 'scenario flags of a domain that does not exist: set_flags of domain 9 of 8 1/1';
    expect(events.filter((event) => event === title)).toHaveLength(3);
  });

  test('of all of a build', async () => {
    const events = await eventsOf((controls) => link({ ...wanted, ...controls }));
    for (const pass of ['diff-pairs', 'include-closure', 'emit-notes']) {
      expect(events).toContain(`begin ${pass}`);
      expect(events).toContain(`end ${pass}`);
    }
    expect(events.indexOf('boot 1/1')).toBeGreaterThan(events.indexOf('end emit-notes'));
  });

  test('of a plan, and of a base', async () => {
    const planned = await eventsOf((controls) => plan({ ...controls, image, payloads: [payload] }));
    expect(planned).toEqual(['boot 1/1', 'upload fix 1/1', 'hazards 1/1']);
    const objects = pairs.map(({ object, orig }) => ({ object, path: orig, member: false }));
    const proven = await eventsOf((controls) => checkBase({ ...controls, image, objects }));
    expect(proven).toContain('prove-tree 2/2');
  });
});

describe('is ended', () => {
  test('at any event, and gives nothing but diagnostics then', async () => {
    const count = (await eventsOf((controls) => link({ ...wanted, ...controls }))).length;
    for (let k = 0; k < count; k++) {
      const abort = new AbortController();
      let seen = 0;
      const onProgress = (): void => {
        if (seen++ === k) abort.abort();
      };
      const result = await link({ ...wanted, signal: abort.signal, onProgress });
      expect([k, Object.keys(result).sort(), codesOf(result).at(-1), result.diffs]).toEqual([
        k,
        ['diagnostics', 'diffs', 'timings'],
        'XS819',
        [],
      ]);
    }
  });

  test('before it begins, whatever it is', async () => {
    const signal = AbortSignal.abort();
    const objects = [{ object: 'x.o', path: 'x.o', member: false }];
    const source = { sourceDir: folder, patches: [], jobs: 1, cacheDir: join(folder, 'cache') };
    const results = [
      await diff({ signal, pairs }),
      await link({ ...wanted, signal }),
      await validate({ signal, image, payloads: [payload] }),
      await plan({ signal, image, payloads: [payload] }),
      await checkBase({ signal, image, objects }),
      await build({ signal, image, source }),
      await reproduce({ signal, manifest: 'none', version: '0', jobs: 1, cacheDir: folder }),
    ];
    for (const result of results) expect(codesOf(result)).toEqual(['XS819']);
    expect(readdirSync(folder)).toEqual(['fix.xsplice']);
    const found: Diagnostic[] = [];
    const files = [join(folder, 'none.ts')];
    const passes = await loadPasses({ signal, files, cacheDir: undefined }, (one) => void found.push(one));
    expect([passes, codesOf({ diagnostics: found })]).toEqual([undefined, ['XS819']]);
  });

  test('on worker threads', async () => {
    const many = Array.from({ length: 400 }, (_, k) => ({ ...pairs[1], object: `o${String(k)}.o` }));
    const abort = new AbortController();
    const onProgress = (event: ProgressEvent): void => {
      if (event.kind === 'objects') abort.abort();
    };
    const result = await diff({ pairs: many, threads: 3, signal: abort.signal, onProgress });
    expect([codesOf(result), result.diffs]).toEqual([['XS819'], []]);
  });

  test('in the midst of a function that does not return: others get the thread all the while', async () => {
    // 1: dec %rax ; jmp 1b, with a call limit that takes long to reach.
    const loop = { name: 'chosen', bytes: [0x48, 0xff, 0xc8, 0xeb, 0xfb] };
    const looping = join(folder, 'loop.xsplice');
    writeFileSync(looping, tinyPayload({ functions: [loop] }));
    const calls = Array.from({ length: 4 }, (_, k) => ({
      title: `call ${String(k)}`,
      call: 'chosen',
      arguments: [],
      limit: 100_000_000,
      applied: { returns: 7 },
    }));
    const file = join(folder, 'loop.json');
    writeFileSync(file, JSON.stringify({ scenario: 1, title: 'loops', calls }));
    const longestWait = async (): Promise<number> => {
      let last = performance.now();
      let longest = 0;
      const timer = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }, 5);
      const { diagnostics } = await validate({ image: TINY_XEN, payloads: [looping], scenarios: [file] });
      clearInterval(timer);
      expect(diagnostics.filter(({ message }) => message.includes('no return within'))).toHaveLength(4);
      return longest;
    };
    expect(await leastTime(500, longestWait)).toBeLessThan(500);
  });
});

test('two proofs at a time come to what each comes to alone', async () => {
  const other = join(folder, 'other.xsplice');
  writeFileSync(other, tinyPayload({ functions: [{ name: 'chosen', bytes: returns(7) }] }));
  const one = { image, payloads: [payload], scenarios: [scenario] };
  const two = { image: TINY_XEN, payloads: [other] };
  const alone = [await validate(one), await validate(two), await validate(one)];
  const together = await Promise.all([validate(one), validate(two), validate(one)]);
  expect(together).toEqual(alone);
});

test('prints nothing and leaves the process alone, whatever goes wrong', async () => {
  const program = `
    const { build, checkBase, diff, link, plan, validate } = await import(process.argv[2]);
    const request = JSON.parse(process.argv[3]);
    const { image, pairs, payload } = request;
    const nowhere = { sourceDir: '/nowhere', patches: [], jobs: 1, cacheDir: '/nowhere/cache' };
    const codes = [];
    const run = async (call) => codes.push((await call).diagnostics.filter((d) => d.severity === 'error').length);
    await run(link(request.wanted));
    await run(diff({ pairs, threads: 2 }));
    await run(diff({ pairs: [{ object: 'x.o', orig: '/nowhere', patched: payload }] }));
    await run(link({ pairs, image: payload }));
    await run(validate({ image, payloads: [image] }));
    await run(validate({ image, payloads: [payload], signal: AbortSignal.timeout(20) }));
    await run(plan({ image, payloads: [payload, payload] }));
    await run(checkBase({ image, objects: [{ object: 'x.o', path: image, member: false }] }));
    await run(build({ image, source: nowhere }));
    process.stdout.write(codes.map((n) => (n > 0 ? 'refused' : 'done')).join());`;
  const library = new URL('../../src/index.js', import.meta.url).href;
  const request = JSON.stringify({ image, pairs, payload, wanted });
  const file = join(folder, 'program.mjs');
  writeFileSync(file, program);
  const args = [file, library, request];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
  expect([stdout, stderr]).toEqual(['done,done,refused,refused,refused,refused,refused,refused,refused', '']);
});
