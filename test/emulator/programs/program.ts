/**
 * Random programs: blocks of instructions of all forms that the operation table has, with branches between them that
 * make loops, calls and returns, jumps through a table, strings, accesses that cross pages or fault, and stores into
 * the code itself. What a program does is of no use; that two ways of running it agree is.
 */
import { decodeInstruction } from '../../../src/emulator/instruction.js';
import { discoverForms } from '../oracle/forms.js';
import type { Template } from '../oracle/forms.js';
import type { Random } from '../oracle/random.js';

export const PROGRAM = 0x400000n;
export const PROGRAM_BYTES = 0x4000;
/** Addresses of blocks, for jumps through memory. */
export const TABLE = 0x500000n;
export const TABLE_SLOTS = 64;
/** Two pages that r15 points into the middle of, then one that can only be read, then none. */
export const DATA = 0x600000n;
export const DATA_BYTES = 0x2000;
export const BASE = DATA + 0x1000n;
export const STACK = 0x700000n;
export const STACK_BYTES = 0x4000;

const RSP = 4;
const R15 = 15;

export interface Program {
  readonly bytes: Uint8Array;
  readonly blocks: readonly bigint[];
}

let templates: readonly (readonly Template[])[] | undefined;

/** Forms without those that lead away by themselves, which are made with targets below. */
function forms(): readonly (readonly Template[])[] {
  templates ??= [...discoverForms().values()].filter(
    ([{ form }]) => !/^(J|Call|Ret|Loop|Int|Ud|Hlt|Enter|Leave|Xabort)/.test(form),
  );
  return templates;
}

export function makeProgram(random: Random, blockCount: number): Program {
  const writer = new ProgramWriter(random, blockCount);
  return writer.write();
}

class ProgramWriter {
  private readonly code: number[] = [];
  private readonly starts: number[] = [];
  /** Where distances of 32 bits stand that lead to a block. */
  private readonly holes: { readonly at: number; readonly block: number }[] = [];

  constructor(
    private readonly random: Random,
    private readonly blockCount: number,
  ) {}

  write(): Program {
    for (let block = 0; block < this.blockCount; block++) {
      this.starts.push(this.code.length);
      this.block();
    }
    const bytes = new Uint8Array(PROGRAM_BYTES).fill(0xcc);
    bytes.set(this.code.slice(0, PROGRAM_BYTES));
    const view = new DataView(bytes.buffer);
    for (const { at, block } of this.holes)
      if (at + 4 <= PROGRAM_BYTES) view.setInt32(at, this.starts[block] - (at + 4), true);
    return { bytes, blocks: this.starts.map((start) => PROGRAM + BigInt(start)) };
  }

  private block(): void {
    const { random } = this;
    for (let count = random.below(6) + 1; count > 0; count--) this.instruction();
    if (random.chance(40))
      this.emit(0x48, random.pick([0x39, 0x85, 0x29]), 0xc0 | (random.below(64) & ~4 & ~0x20));
    const way = random.below(100);
    if (way < 55) this.conditional();
    else if (way < 65) this.distance([0xe9]);
    else if (way < 75) this.distance([0xe8]);
    else if (way < 78) this.emit(0xc3);
    else if (way < 86) this.jumpThroughTable(random.chance(30));
    else if (way < 90) this.countedLoop();
    else if (way < 97) this.scanningLoop();
  }

  private conditional(): void {
    this.distance([0x0f, 0x80 | this.random.below(16)]);
  }

  /** Opcodes that end with a distance to some block. */
  private distance(opcode: readonly number[]): void {
    this.emit(...opcode);
    this.holes.push({ at: this.code.length, block: this.random.below(this.blockCount) });
    this.emit(0, 0, 0, 0);
  }

  /** and $63,%ecx; jmp or call *TABLE(,%rcx,8) */
  private jumpThroughTable(calls: boolean): void {
    this.emit(0x83, 0xe1, this.random.pick([0x3f, 0x03, 0x01]));
    this.emit(0xff, calls ? 0x14 : 0x24, 0xcd, ...bytesOf(Number(TABLE)));
  }

  /** mov $n,%ecx; some instructions; dec %ecx; jne back */
  private countedLoop(): void {
    const { random, code } = this;
    this.emit(0xb9, ...bytesOf(random.below(40) + 1));
    const top = code.length;
    for (let count = random.below(4) + 1; count > 0; count--) this.instruction();
    this.emit(0xff, 0xc9);
    this.emit(0x0f, 0x85, ...bytesOf(top - (code.length + 6)));
  }

  /**
   * lea -n(%r15),%rdi, then a loop that reads at %rdi, goes on by some bytes, and comes back on a condition of what it
   * compares or computes last, until that fails or there is no page: what reads first finds the flags of the last.
   */
  private scanningLoop(): void {
    const { random, code } = this;
    this.emit(0x49, 0x8d, 0xbf, ...bytesOf(-random.below(0x1000)));
    const top = code.length;
    for (let count = random.below(3) + 1; count > 0; count--) this.plainMove();
    this.emit(0x48, 0x81, 0xc7, ...bytesOf(random.below(0x100)));
    for (let count = random.below(3); count > 0; count--) this.plainMove();
    this.closing();
    if (random.chance(30)) this.plainMove();
    this.emit(0x0f, 0x80 | random.below(16), ...bytesOf(top - (code.length + 6)));
  }

  /** A load from %rdi, a copy or an address: what leaves the flags alone. */
  private plainMove(): void {
    const { random } = this;
    const register = random.pick([0, 1, 2, 3]);
    const way = random.below(3);
    if (way === 0) this.emit(0x48, 0x8b, 0x47 | (register << 3), random.below(0x40));
    else if (way === 1) this.emit(0x48, 0x89, 0xc0 | (random.below(4) << 3) | register);
    else this.emit(0x48, 0x8d, 0x44 | (register << 3), 0x40 | (random.below(4) << 3) | random.below(4), 0x35);
  }

  /** What a loop ends with: cmp, test, add, sub, and, or of any width, of registers and of constants. */
  private closing(): void {
    const { random } = this;
    const [width, wide] = random.pick([
      [[], 0],
      [[], 1],
      [[0x66], 1],
      [[0x48], 1],
    ] as const);
    const registers = 0xc0 | (random.below(4) << 3) | random.below(4);
    if (random.chance(50)) {
      const opcode = random.pick([0x38, 0x84, 0x00, 0x28, 0x20, 0x08]);
      this.emit(...width, opcode | wide, opcode === 0x84 && random.chance(50) ? registers & 0xdb : registers);
    } else {
      const opcode = random.pick([0, 1, 4, 5, 7]) << 3;
      this.emit(...width, wide === 1 ? 0x83 : 0x80, 0xc0 | opcode | random.below(4), random.word() & 0xff);
    }
  }

  private instruction(): void {
    const { random } = this;
    const way = random.below(100);
    if (way < 3) this.string();
    else if (way < 5) this.selfModification();
    else if (way < 8) this.emit(random.pick([0x50, 0x58]) | random.pick([0, 1, 2, 3, 6, 7]));
    else this.anyForm();
  }

  private emit(...bytes: readonly number[]): void {
    this.code.push(...bytes);
  }

  /** lea 16(%r15),%rdi; lea -16(%r15),%rsi; mov $n,%ecx; rep movs or stos */
  private string(): void {
    const { random } = this;
    this.emit(0x49, 0x8d, 0xbf, ...bytesOf(random.below(0xf00) - (random.chance(10) ? 0 : 0x800)));
    this.emit(0x49, 0x8d, 0xb7, ...bytesOf(-random.below(0x1000)));
    this.emit(0xb9, ...bytesOf(random.below(30)));
    this.emit(
      0xf3,
      ...random.pick([[0xa4], [0xa5], [0x48, 0xa5], [0xaa], [0xab], [0x48, 0xab], [0xa6], [0xae]]),
    );
  }

  /** movb $n to the immediate of a later add: the code behind it changes. */
  private selfModification(): void {
    const { random } = this;
    const away = random.below(20);
    // c6 05 distance32 imm8, nops, then add $imm8,%eax
    this.emit(0xc6, 0x05, ...bytesOf(away + 2), random.word() & 0xff);
    for (let k = 0; k < away; k++) this.emit(0x90);
    this.emit(0x83, 0xc0, random.word() & 0x7f);
  }

  /** An instance of a form with operands in registers, or at r15 with a distance. */
  private anyForm(): void {
    const { random } = this;
    for (let tries = 0; tries < 20; tries++) {
      const template = random.pick(random.pick(forms()));
      const bytes = this.instance(template);
      const instruction = decodeInstruction(Uint8Array.from(bytes), 0n);
      if (typeof instruction !== 'object' || instruction.form !== template.form) continue;
      const spoils = instruction.operands.some(
        (o) => (o.kind === 'gpr' && o.index === RSP) || (o.kind === 'gpr' && o.index === R15),
      );
      if (spoils) continue;
      this.emit(...bytes.slice(0, instruction.length));
      return;
    }
  }

  private instance({ prefixes, rex, opcode }: Template): number[] {
    const { random } = this;
    const isVex = opcode[0] === 0xc4 || opcode[0] === 0xc5;
    const inMemory = random.chance(40);
    const distance = random.chance(5) ? random.below(0x3000) - 0x800 : random.below(0x1ff0) - 0x1000;
    const modrm = inMemory ? 0x87 | (random.below(8) << 3) : 0xc0 | random.below(64);
    const head = [...opcode];
    let prefix: number[] = [];
    if (!isVex) {
      const base = rex ?? 0x40;
      prefix = inMemory
        ? [base | 1 | (random.word() & 4)]
        : rex !== undefined || random.chance(40)
          ? [base | (random.word() & 5)]
          : [];
    } else if (opcode[0] === 0xc4) head[1] = (head[1] & ~0x20) | (inMemory ? 0 : 0x20);
    else if (inMemory) return [0x90];
    const rest = inMemory ? [modrm, ...bytesOf(distance)] : [modrm];
    const tail = Array.from({ length: 8 }, () => random.word() & 0xff);
    return [...prefixes, ...prefix, ...head, ...rest, ...tail];
  }
}

function bytesOf(value: number): number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff];
}
