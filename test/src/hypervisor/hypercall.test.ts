/** What hypercalls make of fields that are not as they should be, release by release; and LIST. */
import { describe, expect, test } from '@jest/globals';
import { Errno } from '../../../src/hypervisor/errno.js';
import { OperationCommand } from '../../../src/hypervisor/hypercall.js';
import type { Operation } from '../../../src/hypervisor/hypercall.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import {
  actionOperation,
  getOperation,
  listOperation,
  operationName,
  uploadOperation,
} from '../../../src/hypervisor/well-formed.js';
import { layHost, uploadAll } from '../../support/hand-laid-payload.js';
import type { Host } from '../../support/hand-laid-payload.js';

const FILE = Uint8Array.of(1);
const { EINVAL, EFAULT, EEXIST, EOPNOTSUPP, ENOENT, E2BIG, ENOBUFS } = Errno;

function hostWith(profile: keyof typeof PROFILES = '4.17'): Host {
  const host = layHost(
    { alpha: { metadata: ['v=1'] }, beta: {}, gamma: { metadata: ['a', 'bc'] } },
    { profile: PROFILES[profile] },
  );
  uploadAll(host);
  return host;
}

const rcOf = ({ xen }: Host, op: Operation): number => xen.operate(op).rc;

describe('the flags of an operation', () => {
  test.each([
    ['4.17', 0, 0],
    ['4.17', 1, -EINVAL],
    ['4.7', 2, -EINVAL],
    ['4.19', 0, 0],
    ['4.19', 1, 0],
    ['4.19', 2, -EINVAL],
    ['4.19', 3, 0],
    ['4.21', 0x80000000, -EINVAL],
  ] as const)('of %s: %i gives %i', (profile, flags, rc) => {
    expect(rcOf(hostWith(profile), { ...getOperation('alpha'), flags })).toBe(rc);
  });

  test('are looked at before the command', () => {
    const host = hostWith();
    expect(rcOf(host, { cmd: 'unknown', flags: 0 })).toBe(-EOPNOTSUPP);
    expect(rcOf(host, { cmd: 'unknown', flags: 4 })).toBe(-EINVAL);
  });
});

describe('a name', () => {
  const good = operationName('alpha');
  const long = Buffer.concat([Buffer.alloc(128, 0x61), Buffer.alloc(1)]);
  const cases = [
    ['with bytes behind the NUL', { ...good, name: Buffer.from('alpha\0xyz\0'), size: 10 }, 0],
    ['of no bytes', { ...good, size: 0 }, -EINVAL],
    ['of 129 bytes', { ...good, name: long, size: 129 }, -EINVAL],
    ['without a NUL', { ...good, size: 5 }, -EINVAL],
    ['with its first pad', { ...good, pad: [1, 0, 0] }, -EINVAL],
    ['with its last pad', { ...good, pad: [0, 0, 1] }, -EINVAL],
    ['at no address', { ...good, name: 'outside' }, -EFAULT],
    ['that is not mapped', { ...good, name: 'unmapped' }, -EFAULT],
    ['that is mapped in part', { ...good, size: 7 }, -EFAULT],
    ['of nobody', operationName('delta'), -ENOENT],
  ] as const;

  test.each(cases)('%s', (_, name, rc) => {
    const host = hostWith();
    expect(rcOf(host, { ...getOperation(''), name })).toBe(rc);
    expect(rcOf(host, { ...actionOperation('', 'REVERT'), name })).toBe(rc);
  });

  test('is EINVAL to an upload, whatever is wrong with it', () => {
    const host = hostWith();
    for (const [, name, rc] of cases) {
      const expected = rc === -ENOENT ? -EINVAL : rc === 0 ? -EEXIST : -EINVAL;
      expect(rcOf(host, { ...uploadOperation('', FILE), name })).toBe(expected);
    }
  });
});

describe('an upload', () => {
  test.each([
    ['of no bytes', { size: 0 }, -EINVAL],
    ['of more than 2 MiB', { size: (2 << 20) + 1 }, -EINVAL],
    ['from no address', { payload: 'outside' }, -EFAULT],
    ['from no memory', { payload: 'unmapped' }, -EFAULT],
    ['of more than there is', { size: 2 }, -EFAULT],
    ['of a name that is there', { name: operationName('beta') }, -EEXIST],
    [
      'from no address, of a name that is there',
      { name: operationName('beta'), payload: 'outside' },
      -EFAULT,
    ],
    [
      'from no memory, of a name that is there',
      { name: operationName('beta'), payload: 'unmapped' },
      -EEXIST,
    ],
    ['that the loader refuses', { name: operationName('nobody planned this') }, -EINVAL],
    ['without a name', { name: operationName('') }, 0],
  ] as const)('%s', (_, change, rc) => {
    const host = hostWith();
    host.loader.plans.set('new', {});
    host.loader.plans.set('', {});
    const blocks = host.guest.blocks.size;
    const version = host.xen.lists.version;
    expect(rcOf(host, { ...uploadOperation('new', FILE), ...change })).toBe(rc);
    expect(host.guest.blocks.size - blocks).toBe(rc === 0 ? 3 : 0);
    expect(host.xen.lists.version - version).toBe(rc === 0 ? 1 : 0);
  });

  test('tells the loader what is there, in order', () => {
    expect(hostWith().loader.told).toEqual([[], ['alpha'], ['alpha', 'beta']]);
  });
});

describe('an action', () => {
  test('has a pad that 4.7 has not', () => {
    const op = { ...actionOperation('alpha', 'REVERT'), pad: 1 };
    expect(rcOf(hostWith(), op)).toBe(-EINVAL);
    expect(rcOf(hostWith(), { ...op, name: operationName('nobody') })).toBe(-EINVAL);
    expect(rcOf(hostWith('4.7'), op)).toBe(0);
  });
});

describe('LIST', () => {
  const full = listOperation(3, 18, 9);

  test('without room says how much is needed', () => {
    const { rc, list } = hostWith().xen.operate(listOperation());
    expect(rc).toBe(0);
    expect(list).toEqual({ version: 4, nr: 3, name_total_size: 17, metadata_total_size: 9, entries: [] });
  });

  test('gives names, states and metadata, and what is left', () => {
    const { xen } = hostWith();
    xen.apply('alpha');
    const all = xen.operate(full);
    expect(all).toMatchObject({ rc: 3, list: { nr: 0, name_total_size: 17, metadata_total_size: 9 } });
    expect(
      all.list?.entries.map(({ name, state, metadata }) => [name, state, Buffer.from(metadata).toString()]),
    ).toEqual([
      ['alpha', 2, 'v=1\0'],
      ['beta', 1, ''],
      ['gamma', 1, 'a\0bc\0'],
    ]);
    const middle = xen.operate({ ...full, idx: 1, nr: 1 });
    expect(middle).toMatchObject({
      rc: 1,
      list: { nr: 1, name_total_size: 5, metadata_total_size: 0, entries: [{ name: 'beta' }] },
    });
  });

  test.each([
    ['of too many', { nr: 1025 }, -E2BIG],
    ['of as many as may be', { nr: 1024, status: 8192, len: 4096, metadata_len: 4096 }, 3],
    ['with a pad', { pad: 1 }, -EINVAL],
    ['with too many and a pad', { nr: 1025, pad: 1 }, -E2BIG],
    ['from behind the last', { idx: 3 }, -EINVAL],
    ['with status at no address', { status: 'outside' }, -EINVAL],
    ['with len at no address', { len: 'outside' }, -EINVAL],
    ['with metadata_len at no address', { metadata_len: 'outside' }, -EINVAL],
    ['with names at no address', { name: 'outside' }, -EINVAL],
    ['with metadata at no address', { metadata: 'outside' }, -EINVAL],
    ['with names that end too soon', { name: 16 }, -EFAULT],
    ['with metadata that ends too soon', { metadata: 8 }, -EFAULT],
    ['with status that ends too soon', { status: 23 }, -EFAULT],
    ['with len that ends too soon', { len: 11 }, -EFAULT],
    ['with metadata_len that ends too soon', { metadata_len: 11 }, -EFAULT],
  ] as const)('%s', (_, change, rc) => {
    expect(rcOf(hostWith(), { ...full, ...change })).toBe(rc);
  });

  test('that fails on the way still says how far it got', () => {
    expect(hostWith().xen.operate({ ...full, name: 11 }).list).toMatchObject({
      nr: 0,
      name_total_size: 17,
      entries: [{ name: 'alpha' }, { name: 'beta' }],
    });
  });

  test('of nothing begins anywhere', () => {
    const { xen } = layHost({});
    expect(xen.operate({ ...full, idx: 9 })).toMatchObject({ rc: 0, list: { version: 1, nr: 0 } });
    expect(xen.list().entries).toEqual([]);
  });

  test('counts the version up with every payload that comes or goes', () => {
    const { xen } = hostWith();
    xen.unload('beta');
    expect(xen.list()).toMatchObject({ version: 5, entries: [{ name: 'alpha' }, { name: 'gamma' }] });
  });

  test.each([
    ['4.20', 3],
    ['4.21', -ENOBUFS],
  ] as const)('of %s, with sizes that are too small: %i', (profile, rc) => {
    const host = hostWith(profile);
    expect(rcOf(host, { ...full, name_total_size: 16 })).toBe(rc);
    expect(rcOf(host, { ...full, metadata_total_size: 8 })).toBe(rc);
    const { list } = host.xen.operate({ ...full, name_total_size: 16 });
    expect(list?.name_total_size).toBe(rc < 0 ? 11 : 17);
    expect(list?.nr).toBe(0);
  });

  test('of 4.7 gives each name a slot of 128 bytes, and no metadata', () => {
    const host = hostWith('4.7');
    expect(host.xen.operate(listOperation()).list).toMatchObject({
      nr: 3,
      name_total_size: 0,
      metadata_total_size: 0,
    });
    const slots = { ...full, name: 2 * 128 + 6, metadata: 0, metadata_len: 0 };
    expect(rcOf(host, slots)).toBe(3);
    expect(rcOf(host, { ...slots, name: 2 * 128 + 5 })).toBe(-EFAULT);
    expect(rcOf(host, { ...slots, name: 'outside' })).toBe(-EINVAL);
    expect(rcOf(host, { ...slots, metadata_len: 'outside' })).toBe(3);
    expect(host.xen.list().entries.map(({ name }) => name)).toEqual(['alpha', 'beta', 'gamma']);
  });
});

test('commands have the numbers of the interface', () => {
  expect(OperationCommand).toEqual({ UPLOAD: 0, GET: 1, LIST: 2, ACTION: 3 });
});
