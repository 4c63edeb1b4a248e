/**
 * Exchanges: xchg, xadd, cmpxchg, cmpxchg8b and 16b, bswap, movbe. There is one processor and it is not interrupted
 * within an instruction, so `lock` changes nothing. SDM vol. 2.
 */
import type { Builder } from '../builder.js';
import type { Expr } from '../ir.js';
import { Vector } from '../fault.js';
import { ALL_STATUS, ZF } from './operation.js';
import type { Operation } from './operation.js';

/** The bytes of a value in reverse order. */
function swapBytes(b: Builder, x: Expr): Expr {
  const { width } = x;
  let value = x;
  const steps = width === 64 ? [8, 16, 32] : width === 32 ? [8, 16] : [8];
  for (const step of steps) {
    const size = BigInt(step);
    let mask = 0n;
    for (let at = 0n; at < BigInt(width); at += 2n * size) mask |= ((1n << size) - 1n) << at;
    const low = b.binary('and', value, b.constant(width, mask));
    const high = b.binary('and', b.binary('shr', value, b.constant(8, step)), b.constant(width, mask));
    value = b.let(b.binary('or', b.binary('shl', low, b.constant(8, step)), high));
  }
  return value;
}

function compareAndExchangePair(b: Builder): void {
  const half = b.instruction.mnemonic === 'Cmpxchg8b' ? 32 : 64;
  const address = b.address(0);
  const { stack } = b.memory(0);
  if (half === 64)
    b.when(b.not(b.isZero(b.binary('and', address, b.constant(64, 15)))), () => b.raise(Vector.GP));
  b.add({ st: 'probe', address, bytes: half / 4, stack });
  const upper = b.let(b.binary('add', address, b.constant(64, half / 8)));
  const low = b.load(half, address, stack, true);
  const high = b.load(half, upper, stack, true);
  const equal = b.let(
    b.binary('and', b.compare('eq', low, b.reg(0, half)), b.compare('eq', high, b.reg(2, half))),
  );
  b.when(
    equal,
    () => {
      b.store(address, b.reg(3, half), stack);
      b.store(upper, b.reg(1, half), stack);
    },
    () => {
      b.setReg(0, low);
      b.setReg(2, high);
    },
  );
  b.setFlags(['zf', equal]);
}

export const EXCHANGE: readonly Operation[] = [
  {
    name: 'xchg',
    mnemonics: ['Xchg'],
    defines: 0,
    semantics: (b) => {
      const x = b.readToModify(0);
      const y = b.readToModify(1);
      const [first, second] = b.inMemory(1) ? [1, 0] : [0, 1];
      b.write(first, first === 0 ? y : x);
      b.write(second, second === 0 ? y : x);
    },
  },
  {
    name: 'xadd',
    mnemonics: ['Xadd'],
    defines: ALL_STATUS,
    semantics: (b) => {
      const x = b.readToModify(0);
      const y = b.read(1);
      const sum = b.let(b.binary('add', x, y));
      if (b.inMemory(0)) {
        b.write(0, sum);
        b.write(1, x);
      } else {
        b.write(1, x);
        b.write(0, sum);
      }
      b.lazy('add', sum, x, y);
    },
  },
  {
    name: 'cmpxchg',
    mnemonics: ['Cmpxchg'],
    defines: ALL_STATUS,
    implicit: [0],
    semantics: (b) => {
      const there = b.readToModify(0);
      const source = b.read(1);
      const expected = b.reg(0, there.width);
      const difference = b.let(b.binary('sub', expected, there));
      const equal = b.let(b.isZero(difference));
      b.when(
        equal,
        () => b.write(0, source),
        () => b.setReg(0, there),
      );
      b.lazy('sub', difference, expected, there);
    },
  },
  {
    name: 'cmpxchg8b',
    mnemonics: ['Cmpxchg8b', 'Cmpxchg16b'],
    defines: ZF,
    implicit: [0, 1, 2, 3],
    semantics: compareAndExchangePair,
  },
  {
    name: 'bswap',
    mnemonics: ['Bswap'],
    forms: /_r(32|64)$/,
    defines: 0,
    semantics: (b) => b.write(0, swapBytes(b, b.read(0))),
  },
  {
    name: 'movbe',
    mnemonics: ['Movbe'],
    defines: 0,
    semantics: (b) => b.write(0, swapBytes(b, b.read(1))),
  },
];
