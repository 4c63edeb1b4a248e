/** The processor as a whole: why it stops and where, code that changes itself, the device, and every form decoded. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Cpu } from '../../../src/emulator/cpu.js';
import { PlainMachine } from '../../../src/emulator/device.js';
import { decodeInstruction } from '../../../src/emulator/instruction.js';
import { Permission } from '../../../src/emulator/page.js';
import { CpuState, Flag, Gpr, Segment } from '../../../src/emulator/state.js';
import { semanticsOf } from '../../../src/emulator/translate.js';

const { read, write, execute } = Permission;
const CODE = 0xffff82d040200000n;
const STACK = 0x9000n;

let cpu: Cpu;
let machine: PlainMachine;

beforeEach(() => {
  machine = new PlainMachine();
  cpu = new Cpu({ device: machine });
  cpu.memory.map(CODE, 0x2000, read | write | execute);
  cpu.memory.map(STACK - 0x1000n, 0x1000, read | write);
  cpu.state.r64[Gpr.rsp] = STACK;
});

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

describe('a run', () => {
  test('ends at a halt, behind it', () => {
    program(LOOP);
    cpu.state.r64[Gpr.rbx] = 3n;
    cpu.state.r64[Gpr.rcx] = 100n;
    expect(cpu.run(1000)).toEqual({ reason: 'halt' });
    expect([cpu.state.r64[Gpr.rax], cpu.rip, cpu.instructions]).toEqual([300n, CODE + 9n, 301]);
  });

  test('ends when the budget is used up, at any instruction', () => {
    program(LOOP);
    cpu.state.r64[Gpr.rcx] = 100n;
    for (const [count, at] of [
      [1, 3n],
      [1, 6n],
      [2, 3n],
      [4, 6n],
    ] as const) {
      expect(cpu.run(count)).toEqual({ reason: 'budget' });
      expect(cpu.rip).toBe(CODE + at);
    }
  });

  test('ends before a breakpoint, and goes on from it', () => {
    program(LOOP);
    cpu.state.r64[Gpr.rcx] = 2n;
    cpu.setBreakpoints([CODE + 3n]);
    expect(cpu.run(100)).toEqual({ reason: 'breakpoint' });
    expect(cpu.rip).toBe(CODE + 3n);
    expect(cpu.run(100)).toEqual({ reason: 'breakpoint' });
    expect(cpu.run(100)).toEqual({ reason: 'halt' });
  });

  test('ends behind the instruction that touches a watched range', () => {
    program('48 89 04 25 00 80 00 00  # mov %rax,0x8000\n90 f4');
    cpu.memory.watch([{ address: 0x8004n, length: 1, on: 'write' }]);
    expect(cpu.run(100)).toMatchObject({ reason: 'watchpoint', hit: { address: 0x8000n, length: 8 } });
    expect(cpu.rip).toBe(CODE + 8n);
  });

  test.each([
    ['#UD', '90 0f 0b', 6, 0, 1n],
    ['#BP, behind it', '90 cc', 3, 0, 2n],
    ['#DE', '90 31 db f7 f3', 0, 0, 3n],
    ['#PF of data', '90 8b 04 25 00 10 00 00', 14, 0, 1n],
    ['#UD of bytes that are no instruction', '90 06', 6, 0, 1n],
    ['#PF of a jump', 'e9 fb 0f 20 00', 14, 0x10, 0x201000n],
  ])('ends at %s', (_name, lines, vector, errorCode, at) => {
    program(lines);
    expect(cpu.run(100)).toMatchObject({ reason: 'exception', vector, errorCode });
    expect(cpu.rip).toBe(CODE + at);
  });

  test('leaves registers as they were before what faults', () => {
    program('58  # pop %rax');
    cpu.state.r64.set([7n], Gpr.rax);
    expect(cpu.run(1)).toMatchObject({ vector: 14, address: STACK });
    expect([cpu.state.r64[Gpr.rax], cpu.state.r64[Gpr.rsp]]).toEqual([7n, STACK]);
  });
});

describe('code', () => {
  test('that changes the next instruction runs it as it is then', () => {
    program('c6 05 01 00 00 00 f4  # movb $0xf4, 1(%rip)\n90 90 0f 0b');
    expect(cpu.run(100)).toEqual({ reason: 'halt' });
    expect(cpu.rip).toBe(CODE + 9n);
  });

  test('that the host changes runs as it is then', () => {
    program('90 f4');
    cpu.run(100);
    program('0f 0b');
    expect(cpu.run(100)).toMatchObject({ vector: 6 });
  });

  test('may reach into the next page, and changes there are seen', () => {
    program('b8 01 00 00 00 f4', CODE + 0xffen);
    cpu.run(100);
    expect(cpu.state.r64[Gpr.rax]).toBe(1n);
    cpu.memory.write(CODE + 0x1000n, Uint8Array.of(2));
    cpu.rip = CODE + 0xffen;
    cpu.run(100);
    expect(cpu.state.r64[Gpr.rax]).toBe(0x200n + 1n);
  });

  test('is that of the snapshot after it was restored', () => {
    program('90 f4');
    cpu.run(100);
    const snapshot = cpu.memory.snapshot();
    program('0f 0b');
    expect(cpu.run(100)).toMatchObject({ vector: 6 });
    cpu.memory.restore(snapshot);
    cpu.rip = CODE;
    expect(cpu.run(100)).toEqual({ reason: 'halt' });
  });
});

describe('the machine', () => {
  test('answers msrs, ports, cpuid and the clock', () => {
    program('0f 30 0f 32 ec 0f 31 0f a2 f4');
    cpu.state.r64.set([0x11n, 0x10n, 0x22n]);
    expect(cpu.run(3)).toEqual({ reason: 'budget' });
    expect(machine.readMsr(0x10)).toBe(0x2200000011n);
    expect(cpu.state.r8[0]).toBe(0xff);
    expect(cpu.run(10)).toEqual({ reason: 'halt' });
  });

  test('holds the bases of segments in its msrs, and swapgs swaps them', () => {
    program('0f 30  # wrmsr\n0f 01 f8  # swapgs\n65 48 8b 04 25 00 00 00 00 f4');
    cpu.state.r64.set([0x8000n, 0xc0000102n, 0n]);
    cpu.memory.write(0x8000n, Uint8Array.of(42));
    expect(cpu.run(10)).toEqual({ reason: 'halt' });
    expect(cpu.state.r64[Gpr.rax]).toBe(42n);
    expect(cpu.state.bases[Segment.gs]).toBe(0x8000n);
  });

  test('refuses what is privileged to programs', () => {
    cpu.state.selectors[Segment.cs] = 0x33;
    for (const lines of ['f4', 'fa', '0f 20 c0', '0f 30', 'ec', '0f 01 f8', '0f 22 d8']) {
      program(lines);
      expect(cpu.run(1)).toMatchObject({ reason: 'exception', vector: 13, errorCode: 0 });
    }
  });

  test('moves control registers, tables and flags', () => {
    program('0f 22 d8 0f 20 d9 0f 01 14 25 00 80 00 00 0f 01 04 25 10 80 00 00 fb f4');
    cpu.state.r64[Gpr.rax] = 0x1234000n;
    cpu.memory.write(0x8000n, Uint8Array.of(0x7f, 0, 0x78, 0x56, 0x34, 0x12));
    expect(cpu.run(10)).toEqual({ reason: 'halt' });
    expect(cpu.state.r64[Gpr.rcx]).toBe(0x1234000n);
    expect(cpu.memory.read(0x8010n, 10)).toEqual(cpu.memory.read(0x8000n, 10));
    expect(cpu.state.rflags & Flag.if).toBe(Flag.if);
  });

  test('returns from an interrupt', () => {
    program('48 cf');
    const frame = new BigUint64Array([CODE + 0x100n, 0xe008n, 0x8d7n, 0x8800n, 0n]);
    cpu.memory.write(STACK - 40n, new Uint8Array(frame.buffer));
    cpu.state.r64[Gpr.rsp] = STACK - 40n;
    expect(cpu.step()).toEqual({ reason: 'budget' });
    expect([cpu.rip, cpu.state.r64[Gpr.rsp], cpu.state.rflags]).toEqual([
      CODE + 0x100n,
      0x8800n,
      0x8d7 & ~Flag.tf,
    ]);
    expect(cpu.state.selectors[Segment.cs]).toBe(0xe008);
  });

  test('executes what the device knows, and #UD is the rest', () => {
    program('0f 01 c1 f4  # vmcall');
    expect(cpu.run(10)).toMatchObject({ vector: 6 });
    const seen: string[] = [];
    const knowing = new Cpu({
      device: Object.assign(new PlainMachine(), {
        execute: ({ mnemonic }: { mnemonic: string }, state: CpuState) => {
          seen.push(mnemonic);
          state.r64[Gpr.rax] = 5n;
          return true;
        },
      }),
    });
    knowing.memory.map(CODE, 0x1000, read | execute);
    knowing.memory.write(CODE, Uint8Array.of(0x0f, 0x01, 0xc1, 0xf4));
    knowing.rip = CODE;
    expect(knowing.run(10)).toEqual({ reason: 'halt' });
    expect([seen, knowing.state.r64[Gpr.rax]]).toEqual([['Vmcall'], 5n]);
  });
});

test('all that decodes has semantics or is refused as #UD, with any opcode and prefix', () => {
  const bytes = new Uint8Array(15);
  for (const prefix of [[], [0x66], [0xf2], [0xf3], [0x48], [0x66, 0x48], [0xf0]])
    for (const escape of [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]])
      for (let opcode = 0; opcode < 256; opcode++)
        for (const modrm of [
          0x00, 0x08, 0x10, 0x18, 0x20, 0x28, 0x30, 0x38, 0xc0, 0xc8, 0xd0, 0xd8, 0xe0, 0xe8, 0xf0, 0xf8,
        ]) {
          bytes.fill(0);
          bytes.set([...prefix, ...escape, opcode, modrm]);
          const instruction = decodeInstruction(bytes, 0n);
          if (typeof instruction === 'object') semanticsOf(instruction);
        }
});

test('registers are saved and restored as one', () => {
  const state = new CpuState();
  state.r64[15] = 5n;
  const saved = state.save();
  state.r64.fill(1n);
  state.rflags = Flag.cf;
  state.restore(saved);
  expect([state.r64[15], state.r64[0], state.rflags]).toEqual([5n, 0n, Flag.one]);
});
