/** Expectations, and the action that takes down all that is applied to put one payload in its place. */
import { describe, expect, test } from '@jest/globals';
import { Errno } from '../../../src/hypervisor/errno.js';
import { HostDied } from '../../../src/hypervisor/host-died.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import { layHost, oldFunction, uploadAll } from '../../support/hand-laid-payload.js';
import type { Host, Plan, PlannedFunction } from '../../support/hand-laid-payload.js';

const OLD = oldFunction(0);
/** What stands at OLD in the guest of plain memory. */
const BYTES = Uint8Array.from({ length: 31 }, (_, k) => ((0x100 + k) * 7 + 1) & 0xff);
const WRONG = Uint8Array.of(0xde, 0xad, 0xc0, 0xde);
const hex = (bytes: Uint8Array, length: number): string =>
  Buffer.from(bytes.subarray(0, length)).toString('hex');

function expecting(expect: PlannedFunction['expect'], change: Partial<PlannedFunction> = {}): Plan {
  return { functions: [{ name: 'f', oldAddress: OLD, ...(expect && { expect }), ...change }] };
}

describe('an expectation', () => {
  test.each([0, 1, 31])('of %i bytes is met by the bytes that are there', (len) => {
    const host = layHost({ p: expecting({ len, data: BYTES }) });
    uploadAll(host);
    expect(host.xen.apply('p').status).toEqual({ state: 2, rc: 0 });
  });

  test.each([
    ['of other bytes', expecting({ len: 4, data: WRONG }), -Errno.EINVAL],
    ['with reserved bits', expecting({ len: 4, rsv: 1, data: BYTES }), -Errno.EINVAL],
    ['of more than the old function has', expecting({ len: 4, data: BYTES }, { oldSize: 3 }), -Errno.ERANGE],
    ['of nothing', expecting({ len: 4, rsv: 3, data: BYTES }, { oldAddress: 0n }), -Errno.EFAULT],
    [
      'with reserved bits and too long',
      expecting({ len: 4, rsv: 2, data: BYTES }, { oldSize: 3 }),
      -Errno.EINVAL,
    ],
  ])('%s refuses', (_, plan, rc) => {
    const host = layHost({ p: plan });
    uploadAll(host);
    const before = host.guest.image();
    const refused = host.xen.apply('p');
    expect(refused).toMatchObject({ rc, status: { state: 1, rc: 0 }, work: undefined });
    expect(refused.console.at(-1)).toBe(`livepatch: p: expectations of f failed (rc=${rc}), aborting!`);
    expect(host.guest.image()).toBe(before);
  });

  test('that is not met shows both', () => {
    const host = layHost({ p: expecting({ len: 4, data: WRONG }) });
    uploadAll(host);
    expect(host.xen.apply('p').console).toEqual([
      'livepatch: p: Verifying enabled expectations for all functions',
      `livepatch: f: expectation failed: expected:deadc0de, actual:${hex(BYTES, 4)}`,
      'livepatch: p: expectations of f failed (rc=-22), aborting!',
    ]);
  });

  test('of as many bytes as the old function has is met', () => {
    const host = layHost({ p: expecting({ len: 4, data: BYTES }, { oldSize: 4 }) });
    uploadAll(host);
    expect(host.xen.apply('p').status).toEqual({ state: 2, rc: 0 });
  });

  test('of a function whose name is in the first page', () => {
    const host = layHost({ p: expecting({ len: 4, data: WRONG }) });
    uploadAll(host);
    const { at } = host.xen.lists.all()[0].loaded.functions[0];
    host.guest.memory.write(at, new Uint8Array(BigUint64Array.of(0xfffn).buffer));
    expect(host.xen.apply('p').console[1]).toMatch(/^livepatch: <NULL>: expectation failed/);
  });

  test('of a function without a name', () => {
    const host = layHost({ p: expecting({ len: 4, data: WRONG }, { name: '' }) });
    uploadAll(host);
    expect(host.xen.apply('p').console.slice(1)).toEqual([
      `livepatch: <NULL>: expectation failed: expected:deadc0de, actual:${hex(BYTES, 4)}`,
      'livepatch: p: expectations of unknown failed (rc=-22), aborting!',
    ]);
  });

  test('is of no matter while it is not enabled, and to a release that knows none', () => {
    const off = layHost({ p: expecting(undefined, { oldSize: 0 }) });
    uploadAll(off);
    expect(off.xen.apply('p').rc).toBe(0);
    const old = layHost({ p: { functions: [{ name: 'f', oldAddress: OLD }] } }, { profile: PROFILES['4.7'] });
    uploadAll(old);
    expect(old.xen.apply('p').console[0]).toBe('livepatch: p: Applying 1 functions');
  });

  test('is compared at the old address itself, whatever stands there', () => {
    const host = layHost({ p: expecting({ len: 4, data: Uint8Array.of(0xf3, 0x0f, 0x1e, 0xfa) }) });
    host.guest.memory.write(OLD, Uint8Array.of(0xf3, 0x0f, 0x1e, 0xfa));
    uploadAll(host);
    expect(host.xen.apply('p').rc).toBe(0);
  });
});

const STACK: Record<string, Plan> = {
  one: { functions: [{ name: 'f', oldAddress: OLD }] },
  two: { functions: [{ name: 'g', oldAddress: oldFunction(1) }], depends: 'one' },
};

function stackWith(
  plan: Plan,
  profile: keyof typeof PROFILES = '4.17',
): Host & { readonly pristine: string } {
  const host = layHost({ ...STACK, new: plan }, { profile: PROFILES[profile] });
  uploadAll(host);
  const pristine = host.guest.image();
  host.xen.apply('one');
  host.xen.apply('two');
  return { ...host, pristine };
}

const statesOf = ({ xen }: Host): (string | number)[][] =>
  xen.list().entries.map(({ name, state, rc }) => [name, state, rc]);

describe('REPLACE', () => {
  test.each(['4.7', '4.14', '4.17', '4.21'] as const)(
    'of %s takes all down, newest first, and applies',
    (profile) => {
      const host = stackWith({ functions: [{ name: 'h', oldAddress: OLD }] }, profile);
      const replaced = host.xen.replace('new');
      expect(replaced).toMatchObject({ rc: 0, status: { state: 2, rc: 0 }, work: { action: 'REPLACE' } });
      const expectations = PROFILES[profile].expectations
        ? ['livepatch: new: Verifying enabled expectations for all functions']
        : [];
      expect(replaced.console).toEqual([
        'livepatch: two: Reverting',
        'livepatch: one: Reverting',
        ...expectations,
        'livepatch: new: Applying 1 functions',
        'livepatch: new finished REPLACE with rc=0',
      ]);
      expect(host.xen.lists.applied().map(({ name }) => name)).toEqual(['new']);
      expect(statesOf(host)).toEqual([
        ['one', 1, 0],
        ['two', 1, 0],
        ['new', 2, 0],
      ]);
    },
  );

  test('of nothing is an apply', () => {
    const host = layHost({ new: STACK.one });
    uploadAll(host);
    expect(host.xen.replace('new').status).toEqual({ state: 2, rc: 0 });
  });

  test('asks for the build id of the hypervisor, not of what is applied', () => {
    const host = stackWith({ depends: 'two' });
    const before = host.guest.image();
    expect(host.xen.replace('new')).toMatchObject({
      rc: -Errno.EINVAL,
      status: { state: 1, rc: 0 },
      console: ['livepatch: new: check against hypervisor build-id failed'],
    });
    expect(host.guest.image()).toBe(before);
  });

  test('does not ask whether data is as it was', () => {
    const host = layHost({ new: { ...STACK.one, data: true } });
    uploadAll(host);
    host.xen.apply('new');
    host.xen.revert('new');
    expect(host.xen.replace('new').status).toEqual({ state: 2, rc: 0 });
  });

  test.each(['preapply', 'postapply', 'prerevert', 'postrevert'] as const)(
    'goes with no hook %s, of itself or of what is applied',
    (kind) => {
      const refusal = {
        rc: -Errno.EOPNOTSUPP,
        work: undefined,
        console: ['livepatch: new: REPLACE action is not supported on livepatches with vetoing hooks!'],
      };
      const own = stackWith({ hooks: { [kind]: [0x1000n] } });
      expect(own.xen.replace('new')).toMatchObject(refusal);
      const below = layHost({ one: { hooks: { [kind]: [0x1000n] } }, new: {} });
      below.guest.scripts.set(0x1000n, () => 0);
      uploadAll(below);
      expect(below.xen.replace('new').status).toEqual({ state: 2, rc: 0 });
      below.xen.revert('new');
      below.xen.apply('one');
      expect(below.xen.replace('new')).toMatchObject(refusal);
    },
  );

  test('that finds such a hook when it is done kills the host', () => {
    const host = layHost({ new: { hooks: { apply: [0x1000n], preapply: [0n] } } });
    uploadAll(host);
    const section = host.xen.lists.all()[0].loaded.hooks.get('preapply')?.address ?? 0n;
    host.guest.scripts.set(0x1000n, () => (host.guest.memory.write(section, Uint8Array.of(1)), 0));
    const reason = 'livepatch: new: REPLACE action is not supported on livepatches with vetoing hooks!';
    expect(() => host.xen.replace('new')).toThrow(new HostDied(reason));
    expect(host.guest.console.lines).toContain(reason);
  });

  test('that expects something else leaves nothing applied', () => {
    const host = stackWith(expecting({ len: 4, data: WRONG }));
    const replaced = host.xen.replace('new');
    expect(replaced).toMatchObject({ rc: 0, status: { state: 1, rc: -Errno.EINVAL } });
    expect(replaced.console.slice(-3)).toEqual([
      'livepatch: new: expectations of f failed (rc=-22), aborting!',
      'livepatch: new: SYSTEM MIGHT BE INSECURE: Replace action has been aborted after reverting ALL payloads!',
      'livepatch: new finished REPLACE with rc=-22',
    ]);
    expect(host.guest.image()).toBe(host.pristine);
    expect(statesOf(host)).toEqual([
      ['one', 1, 0],
      ['two', 1, 0],
      ['new', 1, -Errno.EINVAL],
    ]);
  });

  test('expects of the bytes as they are when all is taken down', () => {
    const host = stackWith(expecting({ len: 5, data: BYTES }));
    expect(host.xen.apply('new', { nodeps: true }).rc).toBe(-Errno.EINVAL);
    expect(host.xen.replace('new').status).toEqual({ state: 2, rc: 0 });
  });

  test('stops where something does not let itself be taken down', () => {
    const host = layHost({
      one: { functions: [{ name: 'f', oldAddress: OLD }], hooks: { revert: [0x1000n] } },
      two: STACK.two,
      new: {},
    });
    host.guest.scripts.set(0x1000n, () => -Errno.EBUSY);
    uploadAll(host);
    host.xen.apply('one');
    const one = host.guest.image();
    host.xen.apply('two');
    const replaced = host.xen.replace('new');
    expect(replaced).toMatchObject({ rc: 0, status: { state: 1, rc: -Errno.EINVAL } });
    expect(replaced.console).toEqual([
      'livepatch: two: Reverting',
      'livepatch: one: Calling revert action hook function',
      'livepatch: new finished REPLACE with rc=-22',
    ]);
    expect(host.guest.image()).toBe(one);
    expect(statesOf(host)).toEqual([
      ['one', 2, -Errno.EBUSY],
      ['two', 1, 0],
      ['new', 1, -Errno.EINVAL],
    ]);
  });
});
