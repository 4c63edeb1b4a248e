/** The binary format: numbers of all lengths, labels, locals, and modules that the host accepts. */
import { describe, expect, test } from '@jest/globals';
import { makeMemory, makeTable, compileRun } from '../../../../src/emulator/web-assembly.js';
import { Bytes, Code, Locals } from '../../../../src/emulator/wasm/code.js';
import { moduleOf } from '../../../../src/emulator/wasm/module.js';
import { settleBody } from '../../../../src/emulator/wasm/settle.js';
import { CpuState, Lazy } from '../../../../src/emulator/state.js';

/** Runs code that leaves an i32, as a function of an i32. */
function run(write: (code: Code, locals: Locals) => void, argument = 0): number {
  const code = new Code();
  const locals = new Locals(1);
  write(code, locals);
  const body = {
    parameters: ['i32'],
    results: ['i32'],
    locals: locals.declaration(),
    code: code.take(),
  } as const;
  return compileRun(moduleOf([body], 1), makeMemory(1), makeTable(1))(argument);
}

describe('code', () => {
  test.each([0, 1, -1, 63, 64, -64, -65, 8191, 8192, 0x7fffffff, -0x80000000])(
    'has the number %i',
    (value) => {
      expect(run((code) => code.i32(value))).toBe(value);
      const shifted = run((code) => {
        code.i64(BigInt(value) << 32n);
        code.i64(32n);
        code.op('i64.shr_s');
        code.op('i32.wrap_i64');
      });
      expect(shifted).toBe(value);
    },
  );

  test('has unsigned numbers', () => {
    const bytes = new Bytes();
    for (const value of [0, 127, 128, 0x3fff, 0x4000, 0xffffffff]) bytes.unsigned(value);
    expect(Buffer.from(bytes.take()).toString('hex')).toBe('007f8001ff7f808001ffffffff0f');
  });

  test('branches out of what is open', () => {
    const out = (argument: number): number =>
      run((code, locals) => {
        const result = locals.own('i32');
        const outer = code.open('block');
        const inner = code.open('block');
        code.get(0);
        code.branchTable([inner, outer]);
        code.close();
        code.i32(5);
        code.set(result);
        code.close();
        code.get(result);
      }, argument);
    expect([out(0), out(1), out(7)]).toEqual([5, 0, 0]);
  });
});

describe('locals', () => {
  test('are taken again when they were given back, by type', () => {
    const locals = new Locals(1);
    const [a, b] = [locals.take('i32'), locals.take('i64')];
    locals.keep(new Set([b]));
    expect(locals.take('i64')).not.toBe(b);
    expect(locals.take('i32')).toBe(a);
  });

  test('are free for code that does not lead on, and as before behind it', () => {
    const locals = new Locals(0);
    const held = locals.take('i32');
    locals.aside(() => expect(locals.take('i32')).toBe(held));
    expect(locals.take('i32')).not.toBe(held);
  });
});

test('flags are worked out at run time as CpuState does', () => {
  const state = new CpuState();
  const settle = settleBody();
  const values = [
    0n,
    1n,
    0x7fn,
    0x80n,
    0xffn,
    0x7fffffffn,
    0x80000000n,
    0xffffffffn,
    1n << 63n,
    (1n << 64n) - 1n,
  ];
  const caller = new Code();
  for (const at of [8, 16, 24]) {
    caller.i32(0);
    caller.memory('i64.load', at);
  }
  for (const at of [32, 36]) {
    caller.i32(0);
    caller.memory('i32.load', at);
  }
  caller.call(1);
  const body = {
    parameters: ['i32'],
    results: ['i32'],
    locals: new Locals(1).declaration(),
    code: caller.take(),
  } as const;
  const memory = makeMemory(1);
  const work = compileRun(moduleOf([body, settle], 1), memory, makeTable(1));
  const wide = new BigUint64Array(memory.buffer, 0, 4);
  const narrow = new Int32Array(memory.buffer, 0, 10);
  for (const origin of Object.values(Lazy))
    for (const width of [0, 1, 2, 3])
      for (const a of values)
        for (const b of values) {
          const bits = 8 << width;
          const [x, y] = [BigInt.asUintN(bits, a), BigInt.asUintN(bits, b)];
          const adds = origin === Lazy.add || origin === Lazy.inc;
          const result = BigInt.asUintN(bits, adds ? x + y : x - y);
          const rflags = Number(BigInt.asUintN(12, a ^ (b << 1n))) | 2;
          state.lazy64.set([x, y, result]);
          state.flags.set([rflags, origin === 0 ? 0 : (origin << 2) | width]);
          wide.set([0n, x, y, result]);
          narrow.set([rflags, state.flags[1]], 8);
          expect(work(0)).toBe(state.rflags);
        }
});
