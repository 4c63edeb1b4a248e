/** Plans for functions of the tiny hypervisor, and that its callers are those that objdump shows. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import { renderPlan } from '../../../src/report/plan.js';
import { planSplices } from '../../../src/splice/index.js';
import type { FunctionPlan } from '../../../src/splice/plan.js';
import { returns, tinyPayload } from '../../support/tiny-payload.js';
import type { Replacement, TinyPayload } from '../../support/tiny-payload.js';
import { tinyImage } from '../../support/tiny-xen.js';
import { callerDifferences } from '../../xen/callers.js';
import { isInstalled } from '../elf/readelf.js';

function planOf(...functions: readonly Replacement[]): FunctionPlan {
  const found = plansOf({ functions });
  if (found.plan === undefined) throw new Error(found.why.join());
  return found.plan.functions[0];
}

function plansOf(made: TinyPayload): {
  plan: ReturnType<typeof planSplices>;
  why: readonly string[];
} {
  const why: Diagnostic[] = [];
  const payloads = [{ path: 'fix.xsplice', bytes: tinyPayload(made) }];
  const plan = planSplices(tinyImage(), payloads, PROFILES['4.17'], (problem) => why.push(problem));
  return { plan, why: why.map(({ code, message }) => `${code}: ${message}`) };
}

describe('in place', () => {
  test('what is as long as the old one, and what is shorter, with NOPs behind it', () => {
    const { inPlace } = planOf({ name: 'xen_major_version', bytes: [0xb8, 7, 0, 0, 0, 0xc3] });
    expect(inPlace).toMatchObject({
      possible: true,
      room: 16,
      excess: 0,
      obstacles: [],
      quiet: ['xen_major_version'],
    });
    expect(inPlace.spans.map(({ old, new: now }) => [old, now])).toEqual([
      ['b8 04 00 00 00', 'b8 07 00 00 00'],
    ]);
    const shorter = planOf({ name: 'xen_major_version', bytes: [0x31, 0xc0, 0xc3] }).inPlace;
    expect(shorter.spans.map(({ old, new: now }) => [old, now])).toEqual([
      ['b8 04 00 00 00 c3', '31 c0 c3 0f 1f 00'],
    ]);
  });

  test('not where an alternative of the hypervisor was written', () => {
    const { inPlace } = planOf({ name: 'chosen', bytes: [0xb8, 7, 0, 0, 0, 0xc3] });
    expect(inPlace.obstacles).toEqual(['booting changes chosen, which would change, too']);
  });

  test('not what is longer than the room there is', () => {
    const { inPlace } = planOf({ name: 'chosen', bytes: [...new Array<number>(20).fill(0x90), 0xc3] });
    expect(inPlace).toMatchObject({ possible: false, excess: 5, spans: [] });
    expect(inPlace.obstacles).toEqual(['the new code has 5 bytes too many: 21 for 16']);
  });

  test('distances are counted from the old place', () => {
    // jmp panic, where the old one has `mov $1,%eax; ret`.
    const { inPlace } = planOf({
      name: 'chosen',
      bytes: [0xe9, 0, 0, 0, 0, 0x90],
      refers: { at: 1, symbol: 'panic' },
    });
    const image = tinyImage();
    const address = (name: string): bigint =>
      image.symbols.find((symbol) => symbol.name === name)?.address ?? 0n;
    const distance = Number(address('panic') - address('chosen') - 5n);
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(distance);
    expect(inPlace.spans[0].new).toMatch(`e9 ${bytes.toString('hex').replace(/..(?=.)/g, '$& ')}`);
  });
});

describe('at the callers', () => {
  const names = (plan: FunctionPlan): unknown => ({
    sites: plan.callers.sites.map(({ kind, caller }) => `${kind} in ${caller}`),
    slots: plan.callers.slots.map(({ place, constant }) => `${place}${constant ? ', constant' : ''}`),
    alternatives: plan.callers.alternatives.map(({ place, how }) => `${place} ${how}`),
    uses: plan.callers.uses.map(({ place, by }) => `${place} by ${by}`),
  });

  test('calls and jumps', () => {
    const plan = planOf({ name: 'printk', bytes: returns(1) });
    expect(names(plan)).toEqual({
      sites: ['call in panic', 'call in greets'],
      slots: [],
      alternatives: [],
      uses: [],
    });
    expect(plan.callers.quiet).toEqual(['printk', 'panic', 'greets']);
  });

  test('a pointer, and the call that an alternative makes of it', () => {
    const plan = planOf({ name: 'target', bytes: returns(1) });
    expect(names(plan)).toEqual({
      sites: [],
      slots: ['pointer'],
      alternatives: ['through_pointer through a pointer'],
      uses: [],
    });
    expect(plan.callers.obstacles).toEqual(['what alternatives write at 1 place is not known here']);
  });

  test('nothing that can be seen', () => {
    expect(planOf({ name: 'greets', bytes: returns(1) }).callers).toMatchObject({
      possible: false,
      obstacles: ['nothing that calls it can be seen'],
    });
  });
});

describe('trampoline', () => {
  test('behind an endbr64, and not where there is no room', () => {
    const plan = planOf({ name: 'dump_execstate', bytes: returns(1) });
    expect(plan.trampoline).toMatchObject({ possible: true, jumpAt: 4, entered: [] });
    const place = Number(BigInt(plan.address) & 0xffffffn);
    expect(plan.trampoline.distance).toBe(0x205000 - (place + 4 + 5));
  });
});

test('what cannot be loaded is told, and not planned', () => {
  const { plan, why } = plansOf({ functions: [{ name: 'chosen', bytes: returns(7) }], xenDepends: [1] });
  expect(plan).toBeUndefined();
  expect(why).toEqual(['XS601: upload fix: EINVAL (-22)']);
});

test('three lines a function for people', () => {
  const { plan } = plansOf({ functions: [{ name: 'printk', bytes: returns(1) }] });
  if (plan === undefined) throw new Error('no plan');
  const text = renderPlan(plan, { color: false, verbose: false });
  expect(text.split('\n').map((line) => line.replace(/[\d,]+ bytes to go/, 'N bytes to go'))).toEqual([
    expect.stringMatching(/^printk \(\d+ -> 8 bytes\)$/),
    expect.stringMatching(/^ {2}in place {4}yes 8 of \d+ bytes; \d+ change, in \d+ places?$/),
    '  at callers  yes 2 calls',
    '                  nobody in it, nor in panic, greets',
    '  trampoline  yes 5 bytes at its entry; N bytes to go',
    '',
  ]);
});

const withObjdump = isInstalled('objdump') ? test : test.skip;
withObjdump('all callers are those that objdump shows', async () => {
  const path = fileURLToPath(new URL('../../../../golden/machine/tiny-xen', import.meta.url));
  const { sites, differences } = await callerDifferences(path, tinyImage(), 1000, 1);
  expect(differences).toEqual([]);
  expect(sites).toBeGreaterThan(5);
});
