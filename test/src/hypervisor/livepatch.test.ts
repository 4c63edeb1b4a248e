/** The way of a payload: uploaded, applied, reverted, unloaded; stacks of payloads; what is refused on the way. */
import { describe, expect, test } from '@jest/globals';
import { Errno } from '../../../src/hypervisor/errno.js';
import { HostDied } from '../../../src/hypervisor/host-died.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import type { ProfileName } from '../../../src/hypervisor/profiles.js';
import { actionOperation } from '../../../src/hypervisor/well-formed.js';
import { layHost, oldFunction, uploadAll } from '../../support/hand-laid-payload.js';
import type { Host, Plan } from '../../support/hand-laid-payload.js';

const CHECKED = { state: 1, rc: 0 };
const APPLIED = { state: 2, rc: 0 };
const FILE = Uint8Array.of(1, 2, 3);
const NAMES = Object.keys(PROFILES) as ProfileName[];

const ONE: Plan = { functions: [{ name: 'do_one', oldAddress: oldFunction(0) }] };
const STACK: Record<string, Plan> = {
  one: ONE,
  two: { functions: [{ name: 'do_two', oldAddress: oldFunction(1) }], depends: 'one' },
  three: { functions: [{ name: 'do_one', oldAddress: oldFunction(0) }], depends: 'two' },
};

function applyAll(host: Host): void {
  uploadAll(host);
  for (const name of host.loader.plans.keys())
    expect(host.xen.apply(name)).toMatchObject({ rc: 0, status: APPLIED });
}

describe('a payload', () => {
  test.each(NAMES)('of %s is uploaded, applied, reverted and unloaded', (name) => {
    const host = layHost({ one: ONE }, { profile: PROFILES[name] });
    const { guest, xen } = host;
    const before = guest.image();
    const blocks = guest.blocks.size;
    expect(xen.upload('one', FILE)).toMatchObject({ rc: 0, status: CHECKED });
    const uploaded = guest.image();
    expect(xen.apply('one')).toMatchObject({ rc: 0, status: APPLIED, work: { action: 'APPLY', rc: 0 } });
    const jump = Buffer.from(guest.memory.read(oldFunction(0), 5));
    expect(jump[0]).toBe(0xe9);
    const target = xen.lists.all()[0].loaded.functions[0].newAddress;
    expect(oldFunction(0) + 5n + BigInt(jump.readInt32LE(1))).toBe(target);
    expect(guest.regions).toHaveLength(1);
    expect(xen.revert('one')).toMatchObject({ rc: 0, status: CHECKED });
    expect(guest.regions).toHaveLength(PROFILES[name].regionFrom === 'upload' ? 1 : 0);
    if (!PROFILES[name].stateInRecord) expect(guest.image()).toBe(uploaded);
    expect(xen.unload('one')).toMatchObject({ rc: 0, status: undefined });
    expect(guest.image()).toBe(before);
    expect(guest.blocks.size).toBe(blocks);
    expect(guest.regions).toEqual([]);
  });

  test('is told of on the console', () => {
    const host = layHost({ one: { ...ONE, metadata: ['a=1', 'b=\xe4'] } });
    uploadAll(host);
    expect(host.xen.apply('one').console).toEqual([
      'livepatch: one: Verifying enabled expectations for all functions',
      'livepatch: one: Applying 1 functions',
      'livepatch: module metadata:',
      'livepatch:   a=1',
      'livepatch:   b=\xe4',
      'livepatch: one finished APPLY with rc=0',
    ]);
    expect(host.xen.revert('one').console).toEqual([
      'livepatch: one: Reverting',
      'livepatch: one finished REVERT with rc=0',
    ]);
  });

  test.each([
    ['4.7', ['livepatch: one: Applying 1 functions', 'livepatch: one finished APPLY with rc=0']],
    ['xsplice-v1', ['xsplice: one: Applying 1 functions', 'xsplice: one finished APPLY with rc=0']],
  ] as const)('says less in %s', (name, lines) => {
    const host = layHost({ one: { ...ONE, metadata: ['a=1'] } }, { profile: PROFILES[name] });
    uploadAll(host);
    expect(host.xen.apply('one').console).toEqual(lines);
  });

  test('says more in a debug build', () => {
    const host = layHost(
      { one: ONE },
      { debugBuild: true, activities: [{ kind: 'idle' }, { kind: 'guest' }, { kind: 'idle' }] },
    );
    uploadAll(host);
    expect(host.xen.apply('one', { timeout: 7_000_000 }).console.slice(1, 3)).toEqual([
      'livepatch: one: timeout is 7000000ns',
      'livepatch: one: CPU0 - IPIing the other 2 CPUs',
    ]);
  });

  test('without functions is applied by its hooks alone', () => {
    const host = layHost({ hooks: { hooks: { load: [0x1000n] } } });
    host.guest.scripts.set(0x1000n, () => 0);
    uploadAll(host);
    expect(host.xen.apply('hooks')).toMatchObject({ rc: 0, status: APPLIED });
    expect(host.guest.calls).toEqual([{ address: 0x1000n, args: [] }]);
  });
});

describe('a command that the state does not allow', () => {
  test('does nothing and succeeds, but UNLOAD of an applied one', () => {
    const host = layHost({ one: ONE });
    const { xen } = host;
    uploadAll(host);
    expect(xen.revert('one')).toMatchObject({ rc: 0, status: CHECKED, work: undefined, console: [] });
    xen.apply('one');
    expect(xen.apply('one')).toMatchObject({ rc: 0, status: APPLIED, work: undefined, console: [] });
    expect(xen.replace('one')).toMatchObject({ rc: 0, status: APPLIED, work: undefined, console: [] });
    expect(xen.unload('one')).toMatchObject({ rc: -Errno.EINVAL, status: APPLIED, console: [] });
  });

  test('is EOPNOTSUPP when it is none, and ENOENT for a name that is none', () => {
    const host = layHost({ one: ONE });
    uploadAll(host);
    const op = { ...actionOperation('one', 'APPLY'), action: 9 };
    expect(host.xen.operate(op)).toEqual({ rc: -Errno.EOPNOTSUPP });
    for (const act of ['apply', 'revert', 'replace', 'unload', 'get'] as const)
      expect(host.xen[act]('two')).toMatchObject({ rc: -Errno.ENOENT, status: undefined });
  });
});

describe('pending work', () => {
  test('makes its payload busy, and lets others be uploaded and unloaded but not acted on', () => {
    const host = layHost({ ...STACK, four: {} });
    const { xen } = host;
    uploadAll(host);
    expect(xen.operate(actionOperation('one', 'APPLY'))).toEqual({ rc: 0 });
    expect(xen.workPending).toBe(true);
    for (const action of ['APPLY', 'REVERT', 'REPLACE', 'UNLOAD'] as const)
      expect(xen.operate(actionOperation('one', action))).toEqual({ rc: -Errno.EBUSY });
    expect(xen.list().entries.map(({ name, rc }) => [name, rc])).toEqual([
      ['one', -Errno.EAGAIN],
      ['two', 0],
      ['three', 0],
      ['four', 0],
    ]);
    expect(xen.operate(actionOperation('four', 'UNLOAD'))).toEqual({ rc: 0 });
    expect(xen.operate(actionOperation('two', 'APPLY', { nodeps: true }))).toEqual({ rc: -Errno.EBUSY });
    expect(xen.runPendingWork()).toMatchObject({ payload: 'one', rc: 0 });
    expect(xen.runPendingWork()).toBeUndefined();
    expect(xen.get('one').status).toEqual(APPLIED);
    // Set before it was refused, and nothing comes that would change it.
    expect(xen.get('two').status).toEqual({ state: 1, rc: -Errno.EAGAIN });
  });

  test('is refused while processors come or go, at both ends', () => {
    const host = layHost({ one: ONE });
    const { xen } = host;
    uploadAll(host);
    xen.scenario.cpuMapsLocked = true;
    const refused = xen.apply('one');
    expect(refused).toMatchObject({ rc: -Errno.EBUSY, status: { state: 1, rc: -Errno.EAGAIN } });
    expect(refused.console.at(-1)).toBe('livepatch: one: unable to get cpu_maps lock!');
    xen.scenario.cpuMapsLocked = false;
    expect(xen.operate(actionOperation('one', 'APPLY')).rc).toBe(0);
    xen.scenario.cpuMapsLocked = true;
    expect(xen.runPendingWork()).toMatchObject({ rc: -Errno.EBUSY, rendezvous: undefined });
    expect(host.guest.console.lines.at(-1)).toBe('livepatch: one: CPU0 - unable to get cpu_maps lock!');
    expect(xen.get('one').status).toEqual({ state: 1, rc: -Errno.EBUSY });
    expect(xen.workPending).toBe(false);
  });
});

describe('a stack of three', () => {
  test('goes up in order and down in order, each byte as it was', () => {
    const host = layHost(STACK);
    const { guest, xen } = host;
    uploadAll(host);
    const images: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      images.push(guest.image());
      expect(xen.apply(name).rc).toBe(0);
    }
    expect(xen.lists.applied().map(({ name }) => name)).toEqual(['one', 'two', 'three']);
    for (const name of ['three', 'two', 'one']) {
      expect(xen.revert(name)).toMatchObject({ rc: 0, status: CHECKED });
      expect(guest.image()).toBe(images.pop());
    }
  });

  test('is taken down from the top', () => {
    const host = layHost(STACK);
    const { guest, xen } = host;
    applyAll(host);
    const before = guest.image();
    expect(xen.revert('one')).toMatchObject({
      rc: -Errno.EBUSY,
      status: APPLIED,
      console: ["livepatch: one: can't unload. Top is three"],
    });
    expect(guest.image()).toBe(before);
  });

  test('is not built on anything else than it says', () => {
    const host = layHost(STACK);
    const { guest, xen } = host;
    uploadAll(host);
    const before = guest.image();
    expect(xen.apply('two')).toMatchObject({
      rc: -Errno.EINVAL,
      status: CHECKED,
      console: ['livepatch: two: check against hypervisor build-id failed'],
    });
    xen.apply('one');
    expect(xen.apply('three')).toMatchObject({
      rc: -Errno.EINVAL,
      console: ['livepatch: three: check against one build-id failed'],
    });
    xen.revert('one');
    expect(guest.image()).toBe(before);
    guest.buildId = undefined;
    expect(xen.apply('one')).toMatchObject({ rc: -Errno.ENODATA, status: CHECKED, console: [] });
  });

  test('does not ask with NODEPS, where there is such a flag', () => {
    const host = layHost(STACK);
    uploadAll(host);
    expect(host.xen.apply('three', { nodeps: true })).toMatchObject({ rc: 0, status: APPLIED });
    const old = layHost(STACK, { profile: PROFILES['4.7'] });
    uploadAll(old);
    expect(old.xen.apply('three', { nodeps: true })).toMatchObject({ rc: -Errno.EINVAL, console: [] });
  });

  test('is refused in silence by old release builds, and with a bang by debug builds', () => {
    const old = layHost(STACK, { profile: PROFILES['4.7'], debugBuild: true });
    uploadAll(old);
    expect(old.xen.apply('two').console).toEqual([
      'livepatch: two: check against hypervisor build-id failed!',
    ]);
    old.xen.apply('one');
    old.xen.apply('two');
    expect(old.xen.revert('one').console).toEqual(["livepatch: one: can't unload. Top is two!"]);
  });
});

describe('a payload with data', () => {
  const DATA = { data: { ...ONE, data: true } };

  test('is not applied again: the hypercall succeeds and the payload says why not', () => {
    const host = layHost(DATA);
    uploadAll(host);
    host.xen.apply('data');
    host.xen.revert('data');
    const before = host.guest.image();
    expect(host.xen.apply('data')).toMatchObject({
      rc: 0,
      status: { state: 1, rc: -Errno.EINVAL },
      work: undefined,
      console: ["livepatch: data: can't revert as payload has .data. Please unload"],
    });
    expect(host.guest.image()).toBe(before);
    expect(host.xen.unload('data').rc).toBe(0);
    expect(host.xen.upload('data', FILE).rc).toBe(0);
    expect(host.xen.apply('data')).toMatchObject({ rc: 0, status: APPLIED });
  });

  test('is by 4.7, which clears .bss each time', () => {
    const host = layHost(DATA, { profile: PROFILES['4.7'] });
    uploadAll(host);
    const [{ loaded }] = host.xen.lists.all();
    const bss = loaded.bss?.[0].start ?? 0n;
    for (let round = 0; round < 2; round++) {
      host.guest.memory.write(bss, new Uint8Array(0x30).fill(7));
      expect(host.xen.apply('data')).toMatchObject({ rc: 0, status: APPLIED });
      expect([...host.guest.memory.read(bss + 0x1fn, 2)]).toEqual([0, 7]);
      expect(host.xen.revert('data')).toMatchObject({ rc: 0, status: CHECKED });
    }
  });

  test('is applied again when that data is its function records alone', () => {
    const host = layHost({ one: { ...ONE, writableFunctions: true } });
    uploadAll(host);
    for (let round = 0; round < 3; round++) {
      expect(host.xen.apply('one')).toMatchObject({ rc: 0, status: APPLIED });
      expect(host.xen.revert('one')).toMatchObject({ rc: 0, status: CHECKED });
    }
  });
});

describe('a vCPU in a wait queue', () => {
  test('forbids to apply, after the processors have met, and changes nothing', () => {
    const host = layHost({ one: ONE });
    uploadAll(host);
    const before = host.guest.image();
    host.xen.scenario.waitingDomain = 5;
    expect(host.xen.apply('one')).toMatchObject({
      rc: 0,
      status: { state: 1, rc: -Errno.EBUSY },
      console: [
        'livepatch: one: Verifying enabled expectations for all functions',
        'livepatch: d5 found with active waitqueue',
        'livepatch: one: Safety checks failed: -16',
        'livepatch: one finished APPLY with rc=-16',
      ],
    });
    expect(host.guest.image()).toBe(before);
  });

  test('is not looked for by a revert, nor by 4.7', () => {
    const host = layHost({ one: ONE });
    uploadAll(host);
    host.xen.apply('one');
    host.xen.scenario.waitingDomain = 5;
    expect(host.xen.revert('one')).toMatchObject({ rc: 0, status: CHECKED });
    const old = layHost({ one: ONE }, { profile: PROFILES['4.7'] });
    uploadAll(old);
    old.xen.scenario.waitingDomain = 5;
    expect(old.xen.apply('one')).toMatchObject({ rc: 0, status: APPLIED });
  });
});

describe('a host that died', () => {
  test('answers nothing any more', () => {
    const host = layHost({ one: { functions: [{ name: 'do_one', oldAddress: 0x5000n }] } });
    uploadAll(host);
    expect(() => host.xen.apply('one')).toThrow(HostDied);
    const lines = host.guest.console.lines.length;
    expect(() => host.xen.get('one')).toThrow('reads 0x5000');
    expect(() => host.xen.runPendingWork()).toThrow(HostDied);
    expect(host.guest.console.lines).toHaveLength(lines);
  });
});
