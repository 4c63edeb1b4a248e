/**
 * The programs of golden/speed as a guest has them: ranges of memory, functions by name, and how one of them is
 * called: with a stack, and a return address at which the processor halts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cpu } from '../../../src/emulator/cpu.js';
import type { EngineMaker } from '../../../src/emulator/engine.js';
import { Permission } from '../../../src/emulator/page.js';
import { Gpr } from '../../../src/emulator/state.js';
import { SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE } from '../../../src/elf/constants.js';
import { readElf, sectionBytes } from '../../../src/elf/read.js';
import { GOLDEN } from '../../support/golden.js';

const STACK = 0x70000000n;
const STACK_BYTES = 0x100000;
const RETURN = 0x71000000n;
const HLT = 0xf4;
const PAGE = 4096;

export interface Part {
  readonly address: bigint;
  /** Whole pages. */
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly permissions: number;
}

/** A function with its arguments, in the memory that it needs. */
export interface GuestCall {
  readonly parts: readonly Part[];
  readonly entry: bigint;
  readonly rdi: bigint;
  readonly rsi: bigint;
}

/** A function of golden/speed. */
export function programCall(name: string, times: number): GuestCall {
  const bytes = readFileSync(join(GOLDEN, 'speed', 'programs'));
  const file = readElf('programs', bytes, ({ message }) => {
    throw new Error(message);
  });
  if (file === undefined) throw new Error('the programs cannot be read');
  const parts = file.sections
    .filter(({ sh_flags, sh_size }) => (sh_flags & SHF_ALLOC) !== 0 && sh_size > 0)
    .map((section): Part => {
      const start = Number(section.sh_addr) & ~(PAGE - 1);
      const end = Number(section.sh_addr) + section.sh_size;
      const content = sectionBytes(file, section);
      const bytes = new Uint8Array(Number(section.sh_addr) - start + content.length);
      bytes.set(content, Number(section.sh_addr) - start);
      const flags = section.sh_flags;
      const permissions =
        Permission.read |
        ((flags & SHF_WRITE) !== 0 ? Permission.write : 0) |
        ((flags & SHF_EXECINSTR) !== 0 ? Permission.execute : 0);
      return { address: BigInt(start), size: Math.ceil((end - start) / PAGE) * PAGE, bytes, permissions };
    });
  const { symbols } = file;
  const at = symbols.names.findIndex((symbol) => symbol === name);
  if (at < 0) throw new Error(`there is no ${name}`);
  return { parts, entry: symbols.st_value[at], rdi: BigInt(times), rsi: 0n };
}

/** The parts as unicorn.c reads them. */
export function serialised(parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.flatMap(({ address, size, permissions, bytes }) => {
      const head = Buffer.alloc(32);
      head.writeBigUInt64LE(address, 0);
      head.writeBigUInt64LE(BigInt(size), 8);
      head.writeBigUInt64LE(BigInt(permissions), 16);
      head.writeBigUInt64LE(BigInt(bytes.length), 24);
      return [head, bytes];
    }),
  );
}

/** `room`: bytes that could be mapped besides. */
export function machineFor({ parts }: GuestCall, engine?: EngineMaker, room = 0): Cpu {
  const memoryBytes = parts.reduce((sum, { size }) => sum + size, STACK_BYTES + PAGE + room);
  const cpu = new Cpu({ memoryBytes, ...(engine === undefined ? {} : { engine }) });
  const { memory } = cpu;
  for (const { address, size, bytes, permissions } of parts) {
    memory.map(address, size, permissions);
    memory.lend(address, bytes);
  }
  memory.map(STACK, STACK_BYTES, Permission.read | Permission.write);
  memory.map(RETURN, PAGE, Permission.read | Permission.execute);
  memory.write(RETURN, Uint8Array.of(HLT));
  return cpu;
}

/** Calls the function and gives rax; throws when it does not return. */
export function callOn(cpu: Cpu, { entry, rdi, rsi }: GuestCall): bigint {
  const { state, memory } = cpu;
  const rsp = STACK + BigInt(STACK_BYTES - 0x1008);
  const back = new Uint8Array(8);
  new DataView(back.buffer).setBigUint64(0, RETURN, true);
  memory.write(rsp, back);
  state.r64[Gpr.rsp] = rsp;
  state.r64[Gpr.rdi] = rdi;
  state.r64[Gpr.rsi] = rsi;
  cpu.rip = entry;
  const stop = cpu.run(Number.MAX_SAFE_INTEGER);
  if (stop.reason !== 'halt') throw new Error(`the function stopped: ${JSON.stringify(stop)}`);
  return state.r64[Gpr.rax];
}
