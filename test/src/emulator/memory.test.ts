/** Guest memory: permissions and faults, borders of pages, snapshots, watched ranges, the log. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GuestFault } from '../../../src/emulator/fault.js';
import { Memory, Signal } from '../../../src/emulator/memory.js';
import type { Snapshot } from '../../../src/emulator/page-table.js';
import { Permission } from '../../../src/emulator/page.js';

const { read, write, execute } = Permission;
const HIGH = 0xffff82d040200000n;

let memory: Memory;
beforeEach(() => {
  memory = new Memory(1 << 20);
});

/** Vector, error code and address of what an access raises. */
function faultOf(access: () => void): readonly [number, number, bigint] | undefined {
  try {
    access();
  } catch (thrown) {
    if (thrown instanceof GuestFault) return [thrown.vector, thrown.errorCode, thrown.address];
    throw thrown;
  }
  return undefined;
}

function load(address: bigint, width: 8 | 16 | 32 | 64 | 128, modify = 0): bigint {
  memory.address64[0] = address;
  if (width === 8) return BigInt(memory.load8(0, modify));
  if (width === 16) return BigInt(memory.load16(0, modify));
  if (width === 32) return BigInt.asUintN(32, BigInt(memory.load32(0, modify)));
  if (width === 64) memory.load64(0, modify);
  else memory.load128(0, modify);
  return memory.value64[0] | (width === 128 ? memory.value64[1] << 64n : 0n);
}

function store(address: bigint, width: 8 | 16 | 32 | 64 | 128, value: bigint): void {
  memory.address64[0] = address;
  const narrow = Number(BigInt.asIntN(32, value));
  if (width === 8) memory.store8(narrow, 0);
  else if (width === 16) memory.store16(narrow, 0);
  else if (width === 32) memory.store32(narrow, 0);
  else {
    memory.value64.set([BigInt.asUintN(64, value), value >> 64n]);
    if (width === 64) memory.store64(0);
    else memory.store128(0);
  }
}

describe('accesses', () => {
  const VALUE = 0x0123456789abcdeffedcba9876543210n;

  test.each([8, 16, 32, 64, 128] as const)(
    'of %i bits read back what was written, wherever they lie',
    (width) => {
      memory.map(HIGH, 0x2000, read | write);
      const value = BigInt.asUintN(width, VALUE);
      for (let at = 0xff0n; at < 0x1010n; at++)
        for (let twice = 0; twice < 2; twice++) {
          store(HIGH + at, width, value);
          expect(load(HIGH + at, width)).toBe(value);
          expect(load(HIGH + at, 8)).toBe(value & 0xffn);
        }
    },
  );

  test('fault with the bits of the SDM, at the page that is at fault, before anything is written', () => {
    memory.map(0x1000n, 0x1000, read | write);
    memory.map(0x2000n, 0x1000, read);
    expect(faultOf(() => load(0x5000n, 8))).toEqual([14, 0, 0x5000n]);
    expect(faultOf(() => store(0x5123n, 8, 1n))).toEqual([14, 2, 0x5123n]);
    expect(faultOf(() => store(0x2004n, 32, 1n))).toEqual([14, 3, 0x2004n]);
    expect(faultOf(() => load(0x2004n, 32, 1))).toEqual([14, 3, 0x2004n]);
    expect(faultOf(() => store(0x1ffcn, 64, -1n))).toEqual([14, 3, 0x2000n]);
    expect(memory.read(0x1ff8n, 8)).toEqual(new Uint8Array(8));
    expect(faultOf(() => load(0x2ffen, 32))).toEqual([14, 0, 0x3000n]);
    expect(faultOf(() => load(0x800000000000n, 8))?.[0]).toBe(13);
    memory.user = true;
    expect(faultOf(() => load(0x5000n, 8))).toEqual([14, 4, 0x5000n]);
    expect(faultOf(() => memory.fetchPage(0x1000, 0))).toEqual([14, 0x15, 0x1000n]);
  });

  test('follow changes of the map at once', () => {
    memory.map(0x1000n, 1, read | write);
    store(0x1000n, 64, 5n);
    memory.protect(0x1000n, 1, read);
    expect(faultOf(() => store(0x1000n, 64, 6n))).toEqual([14, 3, 0x1000n]);
    memory.unmap(0x1000n, 1);
    expect(faultOf(() => load(0x1000n, 64))).toEqual([14, 0, 0x1000n]);
    memory.map(0x1000n, 1, read);
    expect(load(0x1000n, 64)).toBe(0n);
  });
});

describe('the host', () => {
  test('reads and writes across pages, whatever the permissions, and nothing where there is no page', () => {
    memory.map(HIGH, 0x2000, 0);
    const bytes = Uint8Array.from({ length: 0x1800 }, (_, k) => k);
    memory.write(HIGH + 0x400n, bytes);
    expect(memory.read(HIGH + 0x400n, bytes.length)).toEqual(bytes);
    expect(() => memory.read(HIGH + 0x1fffn, 2)).toThrow('no page at 0xffff82d040202000');
    expect(() => memory.write(HIGH + 0x1fffn, new Uint8Array(2))).toThrow('no page');
    expect(memory.permissionsAt(HIGH)).toBe(0);
    expect(memory.permissionsAt(0n)).toBeUndefined();
  });

  test('is told when no frame is left', () => {
    expect(() => memory.map(0n, 2 << 20, read)).toThrow('no frame left: all 256 are in use');
  });
});

describe('lent bytes', () => {
  const PAGES = 3;
  const START = HIGH - 0x2000n;
  const place = fc.record({
    from: fc.nat({ max: PAGES * 4096 - 1 }),
    length: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 0x2800 })),
    seed: fc.nat({ max: 250 }),
  });
  const page = fc.nat({ max: PAGES - 1 });
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('bytes' as const), place }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('store' as const), place }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('look' as const), page }) },
    fc.record({
      do: fc.constantFrom('unmap' as const, 'map' as const, 'protect' as const, 'run' as const),
      page,
    }),
    fc.record({ do: fc.constantFrom('snapshot' as const, 'restore' as const) }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  /** What memory has at the end, and what was seen on the way, when bytes are brought in by `bring`. */
  function outcome(steps: readonly Step[], bring: 'lend' | 'write'): unknown[] {
    memory = new Memory(1 << 20);
    memory.map(START, PAGES * 4096, read | write | execute);
    const seen: unknown[] = [];
    let snapshot: Snapshot | undefined;
    const perform = (one: Step): unknown => {
      if ('place' in one) {
        const { from, length, seed } = one.place;
        const bytes = Uint8Array.from({ length }, (_, k) => seed + k + (k >> 8));
        if (one.do === 'bytes') memory[bring](START + BigInt(from), bytes);
        else store(START + BigInt(from), 32, BigInt(seed));
        return undefined;
      }
      if (!('page' in one)) {
        if (one.do === 'restore' && snapshot !== undefined) memory.restore(snapshot);
        else snapshot = memory.snapshot();
        return undefined;
      }
      const address = START + BigInt(one.page * 4096);
      if (one.do === 'unmap') memory.unmap(address, 4096);
      else if (one.do === 'map') memory.map(address, 4096, read | write | execute);
      else if (one.do === 'protect') memory.protect(address, 4096, read | execute);
      else if (one.do === 'look') return load(address + 8n, 64);
      else return memory.codePage(address)?.frameAt;
      return undefined;
    };
    for (const one of steps) {
      try {
        seen.push(perform(one));
      } catch (thrown) {
        seen.push(thrown instanceof GuestFault ? thrown.vector : String(thrown));
      }
    }
    for (let k = 0; k < PAGES; k++) {
      const address = START + BigInt(k * 4096);
      const permissions = memory.permissionsAt(address);
      seen.push(permissions, permissions === undefined ? '' : memory.read(address, 4096).join());
    }
    return seen;
  }

  test('are as if they were written, whatever happens before they are looked at', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
        expect(outcome(steps, 'lend')).toEqual(outcome(steps, 'write'));
      }),
      { numRuns: 300 },
    );
  });

  test('are copied by whole pages when these are looked at, and at once where a page has others beside them', () => {
    memory.map(START, 0x3000, read);
    const bytes = new Uint8Array(0x2000).fill(1);
    memory.lend(START + 0x800n, bytes);
    bytes.fill(2);
    expect(
      [0x7ff, 0x800, 0xfff, 0x1000, 0x1fff, 0x2000, 0x27ff, 0x2800].map(
        (at) => memory.read(START + BigInt(at), 1)[0],
      ),
    ).toEqual([...[0, 1, 1, 2, 2, 1, 1, 0]]);
  });

  test('go nowhere when a page is missing', () => {
    memory.map(START, 0x1000, read);
    expect(() => memory.lend(START, new Uint8Array(0x1001).fill(1))).toThrow('no page at');
    expect(memory.read(START, 1)[0]).toBe(0);
  });
});

describe('snapshots', () => {
  test('bring back bytes, pages and permissions, again and again', () => {
    memory.map(0x1000n, 0x3000, read | write);
    memory.write(0x1000n, Uint8Array.of(1));
    const snapshot = memory.snapshot();
    for (let round = 0; round < 3; round++) {
      store(0x1000n, 8, 9n);
      memory.write(0x2000n, Uint8Array.of(9));
      memory.protect(0x2000n, 1, read);
      memory.unmap(0x3000n, 1);
      memory.map(0x7000n, 1, read | write);
      store(0x7000n, 8, 9n);
      memory.restore(snapshot);
      expect([load(0x1000n, 8), load(0x2000n, 8), load(0x3000n, 8)]).toEqual([1n, 0n, 0n]);
      expect(memory.permissionsAt(0x2000n)).toBe(read | write);
      expect(memory.permissionsAt(0x7000n)).toBeUndefined();
    }
  });

  test('lie in one another', () => {
    memory.map(0x1000n, 1, read | write);
    const outer = memory.snapshot();
    store(0x1000n, 8, 1n);
    const inner = memory.snapshot();
    store(0x1000n, 8, 2n);
    memory.restore(inner);
    expect(load(0x1000n, 8)).toBe(1n);
    memory.restore(outer);
    expect(load(0x1000n, 8)).toBe(0n);
    expect(() => memory.restore(inner)).toThrow('the snapshot is gone');
  });

  test('keep a page that was unmapped and mapped anew', () => {
    memory.map(0x1000n, 1, read | write);
    store(0x1000n, 8, 7n);
    const snapshot = memory.snapshot();
    store(0x1000n, 8, 8n);
    memory.unmap(0x1000n, 1);
    memory.map(0x1000n, 1, read | write);
    store(0x1000n, 8, 9n);
    memory.restore(snapshot);
    expect(load(0x1000n, 8)).toBe(7n);
  });
});

test('a watched range signals the accesses that touch it, and no others', () => {
  memory.map(0x1000n, 1, read | write);
  const watchpoint = { address: 0x1010n, length: 4, on: 'write' } as const;
  memory.watch([watchpoint]);
  store(0x1014n, 8, 1n);
  load(0x1010n, 32);
  expect(memory.signals[0]).toBe(0);
  store(0x100dn, 32, 1n);
  expect(memory.signals[0]).toBe(Signal.watchHit);
  expect(memory.watchHit).toEqual({ watchpoint, address: 0x100dn, length: 4, write: true });
});

test('the log has what the guest wrote, in order', () => {
  memory.map(0x1000n, 1, read | write | execute);
  store(0x1000n, 8, 1n);
  memory.startLog();
  store(0x1000n, 16, 0x0102n);
  memory.write(0x1000n, Uint8Array.of(5));
  store(0x1004n, 8, 7n);
  expect(memory.takeLog()).toEqual([
    { address: 0x1000n, bytes: Uint8Array.of(2, 1) },
    { address: 0x1004n, bytes: Uint8Array.of(7) },
  ]);
  expect(memory.takeLog()).toEqual([]);
});
