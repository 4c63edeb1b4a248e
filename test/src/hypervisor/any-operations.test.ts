/**
 * Operations at random against a model of a few lines: which payloads there are, which are applied in which order,
 * which were reverted. What the model says must be what the hypercalls answer, and the code of Xen must be jumps to
 * the newest payload that replaces it, or what it was.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Errno } from '../../../src/hypervisor/errno.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import type { ProfileName } from '../../../src/hypervisor/profiles.js';
import { layHost, oldFunction } from '../../support/hand-laid-payload.js';
import type { Host, Plan } from '../../support/hand-laid-payload.js';

const { EINVAL, EBUSY, EEXIST, ENOENT } = Errno;

/** Which function each replaces, and what it goes on top of. */
const PLANS = {
  base: { on: 'xen', function: 0, data: false },
  top: { on: 'base', function: 1, data: false },
  peak: { on: 'top', function: 0, data: false },
  data: { on: 'xen', function: 1, data: true },
} as const;
type Name = keyof typeof PLANS;
const NAMES = Object.keys(PLANS) as Name[];

interface Known {
  rc: number;
  reverted: boolean;
}

class Model {
  readonly payloads = new Map<Name, Known>();
  stack: Name[] = [];

  constructor(private readonly knowsHistory: boolean) {}

  upload(name: Name): number {
    if (this.payloads.has(name)) return -EEXIST;
    this.payloads.set(name, { rc: 0, reverted: false });
    return 0;
  }

  /** `met`: whether the processors come together. */
  act(action: 'apply' | 'revert' | 'replace' | 'unload', name: Name, met: boolean): number {
    const known = this.payloads.get(name);
    if (known === undefined) return -ENOENT;
    const applied = this.stack.includes(name);
    if (action === 'unload') return applied ? -EINVAL : this.unload(name);
    if (applied !== (action === 'revert')) return 0;
    if (action === 'revert' && this.stack.at(-1) !== name) return -EBUSY;
    const below = action === 'apply' ? (this.stack.at(-1) ?? 'xen') : 'xen';
    if (action === 'apply' && this.knowsHistory && known.reverted && PLANS[name].data) {
      known.rc = -EINVAL;
      return 0;
    }
    if (action !== 'revert' && PLANS[name].on !== below) return -EINVAL;
    known.rc = met ? 0 : -EBUSY;
    if (!met) return 0;
    if (action !== 'apply') this.takeDown(action === 'replace' ? this.stack.length : 1);
    if (action !== 'revert') this.stack.push(name);
    return 0;
  }

  private unload(name: Name): number {
    this.payloads.delete(name);
    return 0;
  }

  private takeDown(count: number): void {
    for (const name of this.stack.splice(this.stack.length - count)) {
      const known = this.payloads.get(name);
      if (known !== undefined) Object.assign(known, { reverted: true, rc: 0 });
    }
  }
}

const step = fc.record({
  action: fc.constantFrom('upload', 'apply', 'apply', 'revert', 'revert', 'replace', 'unload'),
  name: fc.constantFrom(...NAMES),
  met: fc.nat(3).map((n) => n > 0),
});

function expectSame({ guest, xen }: Host, model: Model, pristine: readonly string[]): void {
  const { entries } = xen.list();
  expect(entries.map(({ name, state, rc }) => [name, state, rc])).toEqual(
    [...model.payloads].map(([name, { rc }]) => [name, model.stack.includes(name) ? 2 : 1, rc]),
  );
  expect(xen.lists.applied().map(({ name }) => name)).toEqual(model.stack);
  for (const [k, bytes] of pristine.entries()) {
    const newest = model.stack.filter((name) => PLANS[name].function === k).at(-1);
    const now = Buffer.from(guest.memory.read(oldFunction(k), 16));
    const loaded = xen.lists.all().find(({ name }) => name === newest)?.loaded;
    if (loaded === undefined) expect(now.toString('hex')).toBe(bytes);
    else expect(oldFunction(k) + 5n + BigInt(now.readInt32LE(1))).toBe(loaded.functions[0].newAddress);
  }
}

test.each(['4.7', '4.14', '4.17', '4.21'] as const satisfies ProfileName[])(
  'whatever is done to %s, it is as the model says',
  (profile) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const plans = Object.fromEntries(
          NAMES.map((name): [string, Plan] => {
            const { on } = PLANS[name];
            const oldAddress = oldFunction(PLANS[name].function);
            return [name, { depends: on, data: PLANS[name].data, functions: [{ name: 'f', oldAddress }] }];
          }),
        );
        const host = layHost(plans, {
          profile: PROFILES[profile],
          activities: [{ kind: 'idle' }, { kind: 'idle' }],
        });
        const { processors } = host.xen.scenario;
        const pristine = [0, 1].map((k) =>
          Buffer.from(host.guest.memory.read(oldFunction(k), 16)).toString('hex'),
        );
        const model = new Model(PROFILES[profile].checksReapply);
        for (const { action, name, met } of steps) {
          const nanoseconds = met ? 0 : Infinity;
          processors.set(1, { kind: 'busy', nanoseconds, interrupts: 'off', stack: [] });
          const rc = action === 'upload' ? model.upload(name) : model.act(action, name, met);
          const outcome =
            action === 'upload' ? host.xen.upload(name, Uint8Array.of(0)) : host.xen[action](name);
          expect(outcome.rc).toBe(rc);
          expectSame(host, model, pristine);
        }
      }),
      { numRuns: 40 },
    );
  },
);
