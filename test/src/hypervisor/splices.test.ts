/**
 * Places that change where they are: all or none, found as they were, and read-only pages opened for just that. The
 * example's payload is spliced at the callers: a pointer in the read-only table of hypercalls.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Permission } from '../../../src/emulator/page.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import { link } from '../../../src/index.js';
import { Host } from '../../../src/validate/host.js';
import { readXenImage } from '../../../src/xen/image.js';
import { GOLDEN } from '../../support/golden.js';
import { goldenCase, imageOfCase, runCase } from '../../support/golden-cases.js';

const EXAMPLE = join(GOLDEN, 'example');
const IMAGE = join(EXAMPLE, 'mini-syms');
const TABLE = 'src/hypercall.c#hypercall_table';
const OLD = 'src/hypercall.c#set_flags_call';
const { read, write } = Permission;

function hostOf(path: string, profile = PROFILES['xsplice-v1']): Host {
  const image = readXenImage(path, readFileSync(path), (found) => {
    throw new Error(found.message);
  });
  if (image === undefined) throw new Error('no image');
  return new Host(image, { profile, cpus: 2 });
}

const payloads = new Map<string, Uint8Array>();

beforeAll(async () => {
  const side = (which: string): string => join(EXAMPLE, which, 'hypercall.o');
  const pairs = [{ object: 'src/hypercall.o', orig: side('orig'), patched: side('patched') }];
  const spliced = await link({
    pairs,
    image: IMAGE,
    abi: 'xsplice-v1',
    splice: [{ function: OLD, way: 'callers' }],
    threads: 1,
  });
  payloads.set('example', spliced.payload?.bytes ?? new Uint8Array());
  const callers = await runCase(goldenCase('splice-callers'), 1);
  payloads.set('callers', callers.payload?.bytes ?? new Uint8Array());
});

const pointerAt = ({ machine }: Host, at: bigint): bigint => {
  const bytes = machine.memory.read(at, 8);
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
};

function loaded(which: string, path: string): Host {
  const host = hostOf(path);
  expect([which, host.upload('p', payloads.get(which) ?? new Uint8Array()), host.steps.at(-1)?.why]).toEqual([
    which,
    true,
    undefined,
  ]);
  return host;
}

describe('a pointer in read-only data', () => {
  test('is turned with its page open for just that, and turned back', () => {
    const host = loaded('example', IMAGE);
    const { memory } = host.machine;
    const [splice] = host.loaded[0].splices;
    expect(splice).toMatchObject({ kind: 'pointer', permissions: 4 });
    const at = splice.address;
    expect(at).toBe(host.machine.lookup(TABLE));
    expect(memory.permissionsAt(at)).toBe(read);
    const page = at & ~4095n;
    const seen: string[] = [];
    const protect = memory.protect.bind(memory);
    const put = memory.write.bind(memory);
    jest.spyOn(memory, 'protect').mockImplementation((start, length, permissions) => {
      // The hypervisor opens its own text and constants for its records at another time.
      if (start === page && length === 4096) seen.push(permissions === (read | write) ? 'open' : 'closed');
      protect(start, length, permissions);
    });
    jest.spyOn(memory, 'write').mockImplementation((start, bytes) => {
      if (start === at)
        seen.push(`write, ${memory.permissionsAt(at) === (read | write) ? 'open' : 'closed'}`);
      put(start, bytes);
    });
    expect(host.apply('p')).toBe(true);
    expect(seen).toEqual(['open', 'write, open', 'closed']);
    expect(pointerAt(host, at)).toBe(splice.replacement);
    expect(memory.permissionsAt(at)).toBe(read);
    seen.length = 0;
    expect(host.revert('p')).toBe(true);
    expect(seen).toEqual(['open', 'write, open', 'closed']);
    expect(pointerAt(host, at)).toBe(host.machine.lookup(OLD));
    expect(memory.permissionsAt(at)).toBe(read);
  });

  test('gets no record: the function keeps its first bytes', () => {
    const host = loaded('example', IMAGE);
    const entry = host.machine.lookup(OLD);
    const before = host.machine.memory.read(entry, 16).slice();
    host.apply('p');
    expect(host.machine.memory.read(entry, 16)).toEqual(before);
    expect(host.loaded[0].functions.map(({ name }) => name)).toEqual(['do_set_flags']);
  });
});

describe('all or none', () => {
  const path = imageOfCase(goldenCase('splice-callers'));

  test('nothing is written when one place holds something else', () => {
    const host = loaded('callers', path);
    const { splices } = host.loaded[0];
    const last = splices[splices.length - 1];
    host.machine.memory.write(last.address, Uint8Array.of(1));
    expect(host.apply('p')).toBe(false);
    expect(host.steps.at(-1)).toMatchObject({ rc: -22 });
    expect(host.steps.at(-1)?.console.join('\n')).toMatch(/reply: .* is not as expected: expected:/);
    for (const { address, old } of splices.slice(0, -1))
      expect(host.machine.memory.read(address, old.length)).toEqual(old);
  });

  test('nor taken back when somebody changed one meanwhile', () => {
    const host = loaded('callers', path);
    const { splices } = host.loaded[0];
    expect(host.apply('p')).toBe(true);
    for (const { address, new: bytes } of splices)
      expect(host.machine.memory.read(address, bytes.length)).toEqual(bytes);
    host.machine.memory.write(splices[0].address, Uint8Array.of(0x90));
    expect(host.revert('p')).toBe(false);
    for (const { address, new: bytes } of splices.slice(1))
      expect(host.machine.memory.read(address, bytes.length)).toEqual(bytes);
  });

  test('every call, jump and pointer goes to the new function', () => {
    const host = loaded('callers', path);
    host.apply('p');
    const { splices } = host.loaded[0];
    expect(splices.map(({ kind }) => kind)).toEqual(['branch', 'branch', 'branch', 'pointer', 'pointer']);
    for (const { kind, address, replacement } of splices)
      expect(kind === 'pointer' ? pointerAt(host, address) : host.machine.follow(address, 1)).toBe(
        replacement,
      );
  });
});

describe('the moment', () => {
  test('a caller on a stack keeps them from it until it is out, or the time is up', () => {
    const host = loaded('callers', imageOfCase(goldenCase('splice-callers')));
    const { processors } = host.patching.scenario;
    const inside = (nanoseconds: number, name: string): void =>
      processors.set(1, { kind: 'inside', nanoseconds, stack: [host.machine.lookup(name) + 5n] });
    inside(250_000, 'twice');
    const late = host.patching.apply('p', { timeout: 30_000_000 });
    expect(late.status?.rc).toBe(0);
    const attempts = late.work?.rendezvous?.attempts ?? [];
    expect(attempts.map(({ obstructions }) => obstructions.length)).toEqual([1, 1, 1, 0]);
    inside(50_000_000, 'reply');
    const never = host.patching.revert('p', { timeout: 1_000_000 });
    expect(never.status?.rc).toBe(-16);
    expect(never.work?.lateness.join()).toMatch(
      /^CPU1 was in reply\+0x5.*, which is to change; \d+ attempts$/,
    );
    expect(never.console.join('\n')).toMatch(/CPU1 is in reply.*gave up after/);
    // Somewhere else it is in nobody's way.
    inside(50_000_000, 'through');
    expect(host.patching.revert('p', { timeout: 1_000_000 }).status?.rc).toBe(0);
  });
});
