/** How the processors come together, who is missed, and that a patch that was given up leaves no trace. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Errno } from '../../../src/hypervisor/errno.js';
import { Processors } from '../../../src/hypervisor/processors.js';
import type { Activity } from '../../../src/hypervisor/processors.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import { explainLateness, rendezvous } from '../../../src/hypervisor/rendezvous.js';
import { layHost, oldFunction, uploadAll } from '../../support/hand-laid-payload.js';
import type { Host } from '../../support/hand-laid-payload.js';

const MS = 1_000_000;
const IDLE: Activity = { kind: 'idle' };
const GUEST: Activity = { kind: 'guest' };
const busy = (nanoseconds: number, ...stack: bigint[]): Activity => ({
  kind: 'busy',
  nanoseconds,
  interrupts: 'off',
  stack,
});

describe('processors', () => {
  test.each([
    [1, [IDLE]],
    [2, [IDLE, GUEST]],
    [4, [IDLE, GUEST, IDLE, busy(5 * MS)]],
  ])('meet, %i of them', (count, activities) => {
    const processors = new Processors(activities);
    const met = rendezvous(processors, 0, 30 * MS, true);
    expect(met.latecomers).toEqual([]);
    expect(met.phases.map(({ name, present, expected }) => [name, present, expected])).toEqual([
      ['CPU', count - 1, count - 1],
      ['IRQ', count - 1, count - 1],
    ]);
    expect(met.attendances.map(({ cpu }) => cpu)).toEqual([1, 2, 3].slice(0, count - 1));
    expect(met.duration).toBe(met.phases[1].to);
    if (count === 1) expect(met.duration).toBe(0);
    if (count === 4) {
      expect(met.phases[0].to).toBe(met.attendances[2].arrived);
      expect(met.phases[0].to).toBeGreaterThan(4 * MS);
      expect(met.attendances[0].arrived).toBeGreaterThan(met.attendances[1].arrived);
    }
    const calledAt = processors.now - met.duration;
    expect(calledAt).toBeGreaterThan(0);
  });

  test('come in the idle loop since 4.14, and before that on their way back to a guest', () => {
    const activities = [GUEST, IDLE, GUEST, busy(9)];
    const late = rendezvous(new Processors(activities), 0, MS, true);
    expect(late.attendances.map(({ place }) => place)).toEqual(['idle loop', 'idle loop', 'idle loop']);
    const early = rendezvous(new Processors(activities), 0, MS, false);
    expect(early.attendances.map(({ place }) => place)).toEqual([
      'idle loop',
      'return to guest',
      'return to guest',
    ]);
    for (const k of [1, 2]) expect(early.attendances[k].arrived).toBeLessThan(late.attendances[k].arrived);
  });

  test('that are busy for no time come as soon as they are called', () => {
    const met = rendezvous(new Processors([IDLE, IDLE, busy(0)]), 0, MS, false);
    expect(met.attendances[1].arrived).toBe(met.attendances[0].arrived);
  });

  test('are waited for by whichever made the hypercall', () => {
    const met = rendezvous(new Processors([busy(MS), IDLE, IDLE]), 2, 30 * MS, true);
    expect(met.master).toBe(2);
    expect(met.attendances.map(({ cpu }) => cpu)).toEqual([0, 1]);
  });

  test('that are late for the first phase are told, with where they stand', () => {
    const processors = new Processors([IDLE, busy(50 * MS, 0x111n, 0x222n), IDLE, busy(Infinity, 0x333n)]);
    const missed = rendezvous(processors, 0, 30 * MS, true);
    expect(missed.phases).toEqual([{ name: 'CPU', from: 0, to: 30 * MS, present: 1, expected: 3 }]);
    expect(missed.attendances.map(({ interruptsOff }) => interruptsOff)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(missed.latecomers.map(({ cpu, phase, stack }) => [cpu, phase, stack])).toEqual([
      [1, 'CPU', [0x111n, 0x222n]],
      [3, 'CPU', [0x333n]],
    ]);
    const names = (address: bigint): string => `f${address.toString(16)}`;
    const lines = explainLateness(missed, names);
    expect(lines[0]).toMatch(
      /^CPU1 arrived 2\d{7} ns after the 30000000 ns of phase CPU in f111, called by f222, with its interrupts off$/,
    );
    expect(lines[1]).toBe(
      'CPU3 never arrived within the 30000000 ns of phase CPU in f333, with its interrupts off',
    );
  });

  test('that are busy with interrupts on are as late, and a guest is not named', () => {
    const activity: Activity = { kind: 'busy', nanoseconds: Infinity, interrupts: 'on', stack: [0x5n] };
    const missed = rendezvous(new Processors([IDLE, activity, GUEST]), 0, 2, true);
    expect(explainLateness(missed, (address) => `f${address}`)).toEqual([
      'CPU1 never arrived within the 2 ns of phase CPU in f5',
      expect.stringMatching(/^CPU2 arrived \d+ ns after the 2 ns of phase CPU$/),
    ]);
  });

  test('that serve an interrupt while they wait are late for the second', () => {
    const processors = new Processors([IDLE, IDLE, busy(10 * MS)]);
    processors.interrupt(1, { after: MS, nanoseconds: 40 * MS, stack: [0x444n] });
    const missed = rendezvous(processors, 0, 30 * MS, true);
    expect(missed.phases.map(({ name, present, expected }) => [name, present, expected])).toEqual([
      ['CPU', 2, 2],
      ['IRQ', 1, 2],
    ]);
    expect(missed.phases[1].to).toBe(30 * MS);
    expect(missed.latecomers).toMatchObject([{ cpu: 1, phase: 'IRQ', stack: [0x444n] }]);
    expect(explainLateness(missed, (address) => address.toString(16))[0]).toMatch(
      /^CPU1 stood still \d+ ns after the 30000000 ns of phase IRQ in 444$/,
    );
    // It is served once.
    expect(rendezvous(processors, 0, 30 * MS, true).latecomers).toEqual([]);
  });

  test('have the rest of one deadline for the second phase', () => {
    const processors = new Processors([IDLE, IDLE, busy(25 * MS)]);
    processors.interrupt(1, { after: 20 * MS, nanoseconds: 15 * MS, stack: [] });
    expect(rendezvous(processors, 0, 30 * MS, true).latecomers).toMatchObject([{ phase: 'IRQ' }]);
    const sooner = new Processors([IDLE, IDLE, busy(25 * MS)]);
    sooner.interrupt(1, { after: 10 * MS, nanoseconds: 14 * MS, stack: [] });
    expect(rendezvous(sooner, 0, 30 * MS, true).latecomers).toEqual([]);
  });

  test('do not serve what comes when they have switched their interrupts off', () => {
    const processors = new Processors([IDLE, IDLE]);
    processors.interrupt(1, { after: MS, nanoseconds: Infinity, stack: [] });
    expect(rendezvous(processors, 0, 30 * MS, true).latecomers).toEqual([]);
    processors.interrupt(1, { after: 0, nanoseconds: Infinity, stack: [] });
    expect(rendezvous(processors, 0, 30 * MS, true).latecomers).toHaveLength(1);
  });

  test('are in time at the deadline itself, and not a nanosecond later', () => {
    const needed = rendezvous(new Processors([IDLE, busy(MS)]), 0, 30 * MS, true).duration;
    expect(rendezvous(new Processors([IDLE, busy(MS)]), 0, needed, true).latecomers).toEqual([]);
    expect(rendezvous(new Processors([IDLE, busy(MS)]), 0, needed - 1, true).latecomers).toMatchObject([
      { cpu: 1, phase: 'IRQ', late: 1 },
    ]);
  });

  test('that were late come the next time, when they have finished', () => {
    const processors = new Processors([IDLE, busy(50 * MS)]);
    expect(rendezvous(processors, 0, 30 * MS, true).latecomers).toHaveLength(1);
    processors.advance(5 * MS);
    expect(rendezvous(processors, 0, 30 * MS, true).latecomers).toEqual([]);
  });

  test('and times that are none are refused', () => {
    expect(() => new Processors([])).toThrow(RangeError);
    expect(() => new Processors([busy(-1)])).toThrow(RangeError);
    expect(() => new Processors([busy(NaN)])).toThrow(RangeError);
    expect(() => new Processors().set(1, IDLE)).toThrow('there is no processor 1');
    expect(() => new Processors().advance(-1)).toThrow(RangeError);
    expect(() => new Processors().interrupt(0, { after: 0, nanoseconds: -1, stack: [] })).toThrow(RangeError);
  });

  test('are counted right, whatever they do', () => {
    const activity = fc.oneof(
      fc.constant(IDLE),
      fc.constant(GUEST),
      fc.integer({ min: 0, max: 60 * MS }).map((ns) => busy(ns)),
    );
    const interrupt = fc.record({ after: fc.nat(20 * MS), nanoseconds: fc.nat(40 * MS) });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(activity, fc.option(interrupt)), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 50 * MS }),
        fc.boolean(),
        (cpus, timeout, idleLoopOnly) => {
          const processors = new Processors(cpus.map(([a]) => a));
          for (const [cpu, [, i]] of cpus.entries())
            if (i !== null) processors.interrupt(cpu, { ...i, stack: [] });
          const met = rendezvous(processors, 0, timeout, idleLoopOnly);
          const last = met.phases[met.phases.length - 1];
          expect(last.expected - last.present).toBe(met.latecomers.length);
          expect(met.latecomers.every(({ phase, late }) => phase === last.name && late > 0)).toBe(true);
          expect(met.duration).toBeLessThanOrEqual(timeout);
          if (met.latecomers.length > 0) expect(met.duration).toBe(timeout);
          if (met.phases.length === 2) {
            const arrivals = met.attendances.map(({ arrived }) => arrived);
            expect(met.phases[0].to).toBe(Math.max(0, ...arrivals));
          }
        },
      ),
    );
  });
});

function hostOf(activities: readonly Activity[], profile: keyof typeof PROFILES = '4.17'): Host {
  const host = layHost(
    { p: { functions: [{ name: 'f', oldAddress: oldFunction(0) }], hooks: { postapply: [0x1000n] } } },
    { activities, profile: PROFILES[profile] },
  );
  host.guest.scripts.set(0x1000n, () => 0);
  uploadAll(host);
  return host;
}

describe('an action', () => {
  test.each([1, 2, 4])('is done on a machine of %i processors', (count) => {
    const host = hostOf(Array.from({ length: count }, () => GUEST));
    expect(host.xen.apply('p')).toMatchObject({ rc: 0, status: { state: 2, rc: 0 }, work: { lateness: [] } });
  });

  test.each(['4.7', '4.14', '4.17'] as const)(
    'of %s is given up when a processor does not come',
    (profile) => {
      const host = hostOf([IDLE, IDLE, busy(Infinity, 0x123n), IDLE], profile);
      const before = host.guest.image();
      const missed = host.xen.apply('p');
      expect(missed).toMatchObject({ rc: 0, status: { state: 1, rc: -Errno.EBUSY } });
      expect(missed.console.slice(-2)).toEqual([
        'livepatch: p: Timed out on semaphore in CPU quiesce phase 2/3',
        'livepatch: p finished APPLY with rc=-16',
      ]);
      expect(missed.work?.lateness).toEqual([
        'CPU2 never arrived within the 30000000 ns of phase CPU in 0x123, with its interrupts off',
      ]);
      expect(host.guest.image()).toBe(before);
      // No post hook: the action did not run.
      expect(host.guest.calls).toEqual([]);
      expect(host.xen.workPending).toBe(false);
      host.xen.scenario.processors.set(2, GUEST);
      expect(host.xen.apply('p').status).toEqual({ state: 2, rc: 0 });
    },
  );

  test('is given up when a processor does not let go of an interrupt', () => {
    const host = hostOf([IDLE, IDLE, busy(MS)]);
    host.xen.scenario.processors.interrupt(1, { after: 0, nanoseconds: Infinity, stack: [0x9n] });
    const before = host.guest.image();
    const missed = host.xen.apply('p');
    expect(missed.console.at(-2)).toBe('livepatch: p: Timed out on semaphore in IRQ quiesce phase 1/2');
    expect(missed.work?.lateness[0]).toBe(
      'CPU1 never stood still within the 30000000 ns of phase IRQ in 0x9',
    );
    expect(host.guest.image()).toBe(before);
  });

  test('that is a revert is given up likewise, and the payload stays', () => {
    const host = hostOf([IDLE, IDLE]);
    host.xen.apply('p');
    const before = host.guest.image();
    host.xen.scenario.processors.set(1, busy(MS));
    expect(host.xen.revert('p', { timeout: 10_000 }).status).toEqual({ state: 2, rc: -Errno.EBUSY });
    expect(host.guest.image()).toBe(before);
    expect(host.xen.revert('p').status).toEqual({ state: 1, rc: 0 });
  });

  test.each([
    [0, 30 * MS],
    [1, 1],
    [0xffffffff, 0xffffffff],
    [0x1_0000_0000, 30 * MS],
  ])('with a timeout of %i waits %i ns', (timeout, waited) => {
    const host = hostOf([IDLE, busy(Infinity)]);
    const { work } = host.xen.apply('p', { timeout });
    expect(work?.rendezvous).toMatchObject({ timeout: waited, duration: waited });
  });

  test('is named by whoever calls it', () => {
    const host = hostOf([busy(1), IDLE, IDLE]);
    host.xen.scenario.hypercallCpu = 2;
    host.xen.scenario.waitingDomain = undefined;
    expect(host.xen.apply('p').work?.rendezvous?.master).toBe(2);
  });
});
