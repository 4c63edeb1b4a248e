/** The engine beside what it translates: budgets, breakpoints, watched ranges, code that changes, limits. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Cpu } from '../../../../src/emulator/cpu.js';
import type { EngineMaker } from '../../../../src/emulator/engine.js';
import { Permission } from '../../../../src/emulator/page.js';
import { Gpr } from '../../../../src/emulator/state.js';
import { WasmEngine, wasmEngine } from '../../../../src/emulator/wasm/engine.js';
import type { EngineOptions } from '../../../../src/emulator/wasm/engine.js';

const { read, write, execute } = Permission;
const CODE = 0xffff82d040200000n;
const DATA = 0x20000n;
const STACK = 0x9000n;

let cpu: Cpu;
let engine: CountingEngine;

/** Counts how often translated code is entered from outside. */
class CountingEngine extends WasmEngine {
  runs = 0;

  override run(...args: Parameters<WasmEngine['run']>): number {
    this.runs++;
    return super.run(...args);
  }
}

function start(options: EngineOptions): void {
  const maker: EngineMaker = (parts) => {
    engine = new CountingEngine(parts, options);
    return engine;
  };
  cpu = new Cpu({ engine: maker });
  cpu.memory.map(CODE, 0x3000, read | write | execute);
  cpu.memory.map(DATA, 0x2000, read | write);
  cpu.memory.map(STACK - 0x1000n, 0x1000, read | write);
  cpu.state.r64[Gpr.rsp] = STACK;
}

beforeEach(() => start({ threshold: 10, largest: 64 }));

/** Puts code at an address and rip there. Text behind # is a comment. */
function program(lines: string, at = CODE): void {
  const hex = lines.replace(/#.*$/gm, '').replace(/\s/g, '');
  cpu.memory.write(at, Uint8Array.from(Buffer.from(hex, 'hex')));
  cpu.rip = at;
}

const LOOP = `
  48 01 d8  # add %rbx,%rax
  48 ff c9  # dec %rcx
  75 f8     # jne -8
  f4        # hlt`;

const STORES = `
  48 89 07     # mov %rax,(%rdi)
  48 01 d8     # add %rbx,%rax
  48 ff c9     # dec %rcx
  75 f5        # jne -11
  f4           # hlt`;

function counts(rbx: bigint, rcx: bigint): void {
  cpu.state.r64[Gpr.rax] = 0n;
  cpu.state.r64[Gpr.rbx] = rbx;
  cpu.state.r64[Gpr.rcx] = rcx;
  cpu.state.r64[Gpr.rdi] = DATA;
}

describe('a loop', () => {
  test('runs as translated code once it is hot, and comes to the same', () => {
    program(LOOP);
    counts(3n, 100_000n);
    expect(cpu.run(1_000_000)).toEqual({ reason: 'halt' });
    expect([cpu.state.r64[Gpr.rax], cpu.rip, cpu.instructions]).toEqual([300_000n, CODE + 9n, 300_001]);
    expect(cpu.translated).toBeGreaterThan(299_000);
    expect(cpu.state.rflags & 0x8d5).toBe(0x44);
  });

  test('ends at every instruction where the budget is used up', () => {
    program(LOOP);
    counts(1n, 1n << 40n);
    for (let budget = 300; budget < 330; budget++) {
      const before = cpu.instructions;
      expect(cpu.run(budget)).toEqual({ reason: 'budget' });
      expect(cpu.instructions - before).toBe(budget);
      expect(cpu.rip).toBe(CODE + [0n, 3n, 6n][cpu.instructions % 3]);
    }
    expect(cpu.translated).toBeGreaterThan(3000);
  });

  test('ends when the effort is used up', () => {
    program(LOOP);
    counts(1n, 1n << 40n);
    cpu.run(10_000);
    const before = cpu.instructions;
    expect(cpu.run(1_000_000, 5_000)).toEqual({ reason: 'budget' });
    expect(cpu.instructions - before).toBeLessThan(5_003);
    expect(cpu.instructions - before).toBeGreaterThan(4_000);
  });
});

describe('what stops the processor', () => {
  test('breakpoints within translated code', () => {
    program(LOOP);
    counts(1n, 1000n);
    cpu.run(1000);
    cpu.setBreakpoints([CODE + 3n]);
    expect(cpu.run(100_000)).toEqual({ reason: 'breakpoint' });
    expect(cpu.rip).toBe(CODE + 3n);
    cpu.setBreakpoints([]);
    expect(cpu.run(100_000)).toEqual({ reason: 'halt' });
    expect(cpu.state.r64[Gpr.rax]).toBe(1000n);
  });

  test('a watched range, behind the instruction that touches it', () => {
    program(STORES);
    counts(1n, 100_000n);
    cpu.run(10_000);
    cpu.memory.watch([{ address: DATA + 4n, length: 1, on: 'write' }]);
    expect(cpu.run(10_000)).toMatchObject({ reason: 'watchpoint', hit: { address: DATA, length: 8 } });
    expect(cpu.rip).toBe(CODE + 3n);
  });

  test('a page that is taken away, with registers and flags as the interpreter has them', () => {
    const outcomes = [wasmEngine({ threshold: 10, largest: 64 }), undefined].map((maker) => {
      const one = new Cpu(maker === undefined ? {} : { engine: maker });
      cpu = one;
      one.memory.map(CODE, 0x1000, read | write | execute);
      one.memory.map(DATA, 0x2000, read | write);
      program(STORES);
      counts(0x7777777777777777n, 100_000n);
      one.run(10_001);
      one.memory.protect(DATA, 0x1000, read);
      const stop = one.run(10_000);
      return [stop, one.rip, one.instructions, one.state.rflags, ...one.state.r64];
    });
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(outcomes[0][0]).toMatchObject({ reason: 'exception', vector: 14, errorCode: 3, address: DATA });
  });

  test('a call that faults behind its store finds its target again where the store went', () => {
    start({ threshold: 0, largest: 64 });
    program('ff 54 24 f8  # call *-8(%rsp)\nf4 c3  # hlt; ret');
    const place = STACK - 8n;
    const bytes = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer);
    for (const target of [CODE + 5n, CODE + 5n, 0x1234567812345678n]) {
      cpu.memory.write(place, bytes(target));
      cpu.rip = CODE;
      cpu.state.r64[Gpr.rsp] = STACK;
      const stop = cpu.run(1000);
      if (target < 1n << 63n) expect(stop).toMatchObject({ reason: 'exception', vector: 13 });
      else expect(stop).toEqual({ reason: 'halt' });
    }
    expect([cpu.rip, cpu.state.r64[Gpr.rsp]]).toEqual([CODE, STACK]);
    expect(cpu.memory.read(place, 8)).toEqual(bytes(CODE + 4n));
    expect(cpu.translated).toBeGreaterThan(2);
  });

  test('a log of writes has those of translated code', () => {
    program(STORES);
    counts(1n, 100n);
    cpu.memory.startLog();
    cpu.run(100_000);
    expect(cpu.memory.takeLog()).toHaveLength(100);
  });
});

describe('divisions', () => {
  const EDGES = [
    0n,
    1n,
    3n,
    0x7fn,
    0x80n,
    0x8000n,
    0x80000000n,
    1n << 63n,
    -1n,
    -0x80n,
    -0x8000n,
    -0x80000000n,
  ];

  test.each(['48f7fb', 'f7fb', '66f7fb', 'f6fb', '48f7f3', 'f7f3', '66f7f3', 'f6f3'])(
    'by and of the smallest and largest, %s',
    (code) => {
      start({ threshold: 0, largest: 64 });
      const plain = new Cpu();
      plain.memory.map(CODE, 0x1000, read | execute);
      program(`${code} f4`);
      plain.memory.write(CODE, cpu.memory.read(CODE, 16));
      const { rax, rdx, rbx } = Gpr;
      for (const a of EDGES)
        for (const d of EDGES)
          for (const b of EDGES) {
            const [ours, theirs] = [cpu, plain].map((one) => {
              one.state.r64[rax] = a;
              one.state.r64[rdx] = d;
              one.state.r64[rbx] = b;
              one.rip = CODE;
              const { reason } = one.run(1000);
              return [reason, one.rip, one.state.r64[rax], one.state.r64[rdx], one.state.rflags];
            });
            expect(ours).toEqual(theirs);
          }
      expect(cpu.translated).toBeGreaterThan(100);
    },
  );
});

describe('translated code is dropped', () => {
  test('when the host changes it', () => {
    program(LOOP);
    counts(1n, 1n << 40n);
    cpu.run(10_000);
    const { rax } = Gpr;
    const before = cpu.state.r64[rax];
    // add becomes sub
    cpu.memory.write(CODE + 1n, Uint8Array.of(0x29));
    cpu.run(9_000);
    expect(cpu.state.r64[rax]).toBe(BigInt.asUintN(64, before - 3000n));
  });

  test('when it changes itself', () => {
    program(`
      88 05 05 00 00 00  # mov %al,5(%rip): the immediate of the addition
      ff c0              # inc %eax
      83 c3 00           # add $0,%ebx
      0f b6 c0           # movzbl %al,%eax
      48 ff c9           # dec %rcx
      75 ed              # jne -19
      f4`);
    cpu.memory.write(CODE + 2n, Uint8Array.of(0x04));
    counts(0n, 100n);
    expect(cpu.run(100_000)).toEqual({ reason: 'halt' });
    expect(cpu.state.r64[Gpr.rbx]).toBe(4950n);
  });

  test('when memory is brought back to what it was', () => {
    program(LOOP);
    const snapshot = cpu.memory.snapshot();
    program(STORES);
    counts(1n, 1000n);
    cpu.run(100_000);
    cpu.memory.restore(snapshot);
    cpu.rip = CODE;
    counts(2n, 1000n);
    cpu.memory.unmap(DATA, 0x2000);
    expect(cpu.run(100_000)).toEqual({ reason: 'halt' });
    expect(cpu.state.r64[Gpr.rax]).toBe(2000n);
  });

  test('least recently used first, when there is too much of it', () => {
    const use = (k: number): void => {
      program(LOOP, CODE + BigInt(k * 32));
      counts(1n, 1000n);
      cpu.run(100_000);
    };
    const again = (k: number): number => {
      const { made } = engine.size;
      cpu.rip = CODE + BigInt(k * 32);
      counts(1n, 1000n);
      cpu.run(100_000);
      return engine.size.made - made;
    };
    // Each lies in a page of its own, so that writing one does not drop the others.
    start({ threshold: 5, largest: 64, mostBytes: 2500 });
    cpu.memory.map(CODE, 0x40000, read | write | execute);
    const place = (k: number): number => k * 128;
    for (let k = 0; k < 32; k++) use(place(k));
    const { bytes, units, made } = engine.size;
    expect(made).toBeGreaterThanOrEqual(32);
    expect(bytes).toBeLessThanOrEqual(2500);
    expect(units).toBeLessThan(10);
    expect(again(place(31))).toBe(0);
    expect(again(place(0))).toBe(1);
  });

  test('and what V8 keeps of it has a limit', () => {
    const before = process.memoryUsage().rss;
    for (let k = 0; k < 1500; k++) {
      const page = cpu.memory.codePage(CODE);
      program(LOOP);
      cpu.memory.write(CODE + 10n, Uint8Array.of(k & 0xff));
      if (page !== undefined) page.version = 0;
      counts(1n, 300n);
      cpu.run(10_000);
    }
    expect(engine.size.made).toBeGreaterThan(1000);
    expect(engine.size.units).toBeLessThan(3);
    expect(process.memoryUsage().rss - before).toBeLessThan(250 << 20);
  });
});

describe('units', () => {
  test('keep what runs long: what leads to it does not have it once more', () => {
    const [kept, others] = [undefined, Infinity].map((longRun) => {
      start({ threshold: 10, ...(longRun === undefined ? {} : { longRun }) });
      program(`
        b9 b8 0b 00 00 # mov $3000,%ecx
        48 01 d8       # add %rbx,%rax
        ff c9          # dec %ecx
        75 f9          # jne -7
        48 ff ca       # dec %rdx
        75 ef          # jne -17
        f4             # hlt`);
      counts(1n, 0n);
      cpu.state.r64[Gpr.rdx] = 100n;
      expect(cpu.run(10_000_000)).toEqual({ reason: 'halt' });
      expect([cpu.state.r64[Gpr.rax], cpu.instructions]).toEqual([300_000n, 100 * (3 * 3000 + 3) + 1]);
      expect(cpu.translated).toBeGreaterThan(800_000);
      return engine.size;
    });
    expect(kept.bytes).toBeLessThan(others.bytes - 50);
    // What leads to the inner loop and what comes behind it are one.
    expect(kept.made).toBe(2);
  });

  test('of code that is nothing but jumps', () => {
    start({ threshold: 5 });
    const count = 2000;
    const jumps = Array.from({ length: count }, () => 'eb00').join('');
    program(`${jumps} 48ffc9 0f85${Buffer.from(Int32Array.of(-(2 * count + 9)).buffer).toString('hex')} f4`);
    counts(0n, 1000n);
    expect(cpu.run(10_000_000)).toEqual({ reason: 'halt' });
    expect(cpu.instructions).toBe(1000 * (count + 2) + 1);
    expect(cpu.translated).toBeGreaterThan(1_900_000);
  });

  test('are not made when none of them runs for long', () => {
    // 200 loops of 100 rounds each, at other places each time.
    start({ threshold: 5, largest: 64 });
    cpu.memory.map(CODE, 0x100000, read | write | execute);
    for (let k = 0; k < 6000; k++) {
      program(`${'48ffc0'.repeat(30)} 48ffc9 75a1 f4`, CODE + BigInt(k * 128));
      counts(0n, 8n);
      expect(cpu.run(10_000)).toEqual({ reason: 'halt' });
    }
    expect(engine.size.made).toBeLessThan(1000);
  });

  test('call each other, recursively', () => {
    program(`
      e8 01 00 00 00  # call 1f
      f4              # hlt
      48 ff cf        # 1: dec %rdi
      74 09           # je 2f
      e8 f6 ff ff ff  # call 1b
      48 ff c0        # inc %rax
      c3              # ret
      c3              # 2: ret`);
    for (const depth of [100n, 200n, 300n]) {
      cpu.rip = CODE;
      cpu.state.r64[Gpr.rax] = 0n;
      cpu.state.r64[Gpr.rdi] = depth;
      cpu.state.r64[Gpr.rsp] = STACK;
      expect(cpu.run(100_000)).toEqual({ reason: 'halt' });
      expect(cpu.state.r64[Gpr.rax]).toBe(depth - 1n);
    }
    expect(cpu.translated).toBeGreaterThan(300);
  });

  test('lead on to each other without coming back', () => {
    // Two loops that are hot one after the other, each with a jump to the other at its end.
    program(`
      48 ff c9              # 1: dec %rcx
      75 fb                 # jne 1b
      48 89 d1              # mov %rdx,%rcx
      e9 f3 0f 00 00        # jmp 2f`);
    cpu.memory.write(
      CODE + 0x1000n,
      Uint8Array.from(Buffer.from('48ffc9 75fb 4889d1 48ffcb 0f85efefffff f4'.replace(/ /g, ''), 'hex')),
    );
    counts(1000n, 20n);
    cpu.state.r64[Gpr.rdx] = 20n;
    cpu.rip = CODE;
    expect(cpu.run(1_000_000)).toEqual({ reason: 'halt' });
    expect(cpu.state.r64[Gpr.rbx]).toBe(0n);
    expect(cpu.translated).toBeGreaterThan(70_000);
    // About 80,000 instructions, in slices; the two lead to each other 2,000 times.
    expect(engine.size.units).toBeGreaterThan(1);
    expect(engine.runs).toBeLessThan(100);
  });
});
