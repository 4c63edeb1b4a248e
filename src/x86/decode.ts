/**
 * Decodes x86-64 code into columns: where each instruction ends, how control leaves it, where a direct branch
 * leads. Most instructions are found without iced-x86 (quick-decode.ts), which is WebAssembly and costs 25 to 65 ms to
 * load; so it is loaded at the first use, by require (import() takes two to three times as long).
 */
import { createRequire } from 'node:module';
import type * as Iced from 'iced-x86';
import { Flow } from './flow.js';
import { QuickDecoder } from './quick-decode.js';

export { Flow } from './flow.js';

let loaded: typeof Iced | undefined;

/** iced-x86 itself, loaded at the first call. For x86/ and emulator/ only. */
export function iced(): typeof Iced {
  loaded ??= createRequire(import.meta.url)('iced-x86') as typeof Iced;
  return loaded;
}

/** Decoded code, one element per instruction; offsets are bytes from the start of the decoded range. */
export interface DecodedCode {
  readonly count: number;
  readonly start: Uint32Array;
  readonly length: Uint8Array;
  readonly flow: Uint8Array;
  /** Target of a direct branch, as an offset that may lie outside the range; meaningful only for direct flows. */
  readonly target: Float64Array;
}

function flowOf(instruction: Iced.Instruction): number {
  const { FlowControl } = iced();
  switch (instruction.flowControl) {
    case FlowControl.UnconditionalBranch:
      return Flow.jump;
    case FlowControl.ConditionalBranch:
    case FlowControl.XbeginXabortXend:
      return Flow.conditional;
    case FlowControl.Call:
      return Flow.call;
    case FlowControl.IndirectCall:
      return Flow.indirectCall;
    case FlowControl.IndirectBranch:
    case FlowControl.Return:
    case FlowControl.Exception:
      return Flow.leaves;
    default:
      return Flow.next;
  }
}

/** Columns in which code is decoded before they are cut to size; grows with the largest function. */
let scratch = columnsOf(4_096);

function columnsOf(size: number): Omit<DecodedCode, 'count'> {
  return {
    start: new Uint32Array(size),
    length: new Uint8Array(size),
    flow: new Uint8Array(size),
    target: new Float64Array(size),
  };
}

/** Asks iced-x86 of single instructions; made when the first comes that it takes. */
class IcedDecoder {
  private readonly decoder: Iced.Decoder;
  private readonly instruction: Iced.Instruction;

  constructor(bytes: Uint8Array) {
    const { Decoder, DecoderOptions, Instruction } = iced();
    this.decoder = new Decoder(64, bytes, DecoderOptions.None);
    this.instruction = new Instruction();
  }

  /** The instruction that begins at `at`; it is the same object each time. */
  read(at: number): Iced.Instruction {
    this.decoder.position = at;
    this.decoder.ip = BigInt(at);
    this.decoder.decodeOut(this.instruction);
    return this.instruction;
  }

  free(): void {
    this.instruction.free();
    this.decoder.free();
  }
}

/** Decodes the bytes from their start to their end. Bytes that are no instruction count one by one, as `invalid`. */
export function decodeCode(bytes: Uint8Array): DecodedCode {
  if (scratch.start.length < bytes.length) scratch = columnsOf(bytes.length);
  const { start, length, flow, target } = scratch;
  const quick = new QuickDecoder(bytes);
  let slow: IcedDecoder | undefined;
  let count = 0;
  for (let at = 0; at < bytes.length; at += length[count++]) {
    start[count] = at;
    target[count] = 0;
    if (quick.look(at)) {
      length[count] = quick.length;
      flow[count] = quick.flow;
      if (quick.flow >= Flow.jump && quick.flow <= Flow.call)
        target[count] = at + quick.length + quick.displacement;
      continue;
    }
    slow ??= new IcedDecoder(bytes);
    const instruction = slow.read(at);
    length[count] = instruction.isInvalid ? 1 : instruction.length;
    flow[count] = instruction.isInvalid ? Flow.invalid : flowOf(instruction);
    if (flow[count] >= Flow.jump && flow[count] <= Flow.call)
      target[count] = Number(BigInt.asIntN(64, instruction.nearBranchTarget));
  }
  slow?.free();
  return {
    count,
    start: start.slice(0, count),
    length: length.slice(0, count),
    flow: flow.slice(0, count),
    target: target.slice(0, count),
  };
}

/** Position of the instruction that holds byte `at`, or -1. */
export function instructionAt(code: DecodedCode, at: number): number {
  let low = 0;
  let high = code.count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    if (code.start[middle] > at) high = middle - 1;
    else if (code.start[middle] + code.length[middle] <= at) low = middle + 1;
    else return middle;
  }
  return -1;
}

/** A rip-relative memory operand: its 4-byte displacement at `at`, the end of its instruction, what it designates. */
export interface IpRelativeOperand {
  readonly at: number;
  readonly end: number;
  /** An offset from the start of the decoded range, which may lie outside it. */
  readonly target: number;
}

/** All rip-relative operands of a range of code, with the displacements that stand in the bytes. */
export function ipRelativeOperands(bytes: Uint8Array): IpRelativeOperand[] {
  const { Decoder, DecoderOptions, Instruction } = iced();
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  const instruction = new Instruction();
  const found: IpRelativeOperand[] = [];
  for (let at = 0; at < bytes.length;) {
    decoder.decodeOut(instruction);
    if (instruction.isInvalid) {
      at += 1;
      decoder.position = at;
      decoder.ip = BigInt(at);
      continue;
    }
    const end = at + instruction.length;
    if (instruction.isIpRelMemoryOperand) {
      const offsets = decoder.getConstantOffsets(instruction);
      const target = Number(BigInt.asIntN(64, instruction.ipRelMemoryAddress));
      if (offsets.hasDisplacement) found.push({ at: at + offsets.displacementOffset, end, target });
      offsets.free();
    }
    at = end;
  }
  instruction.free();
  decoder.free();
  return found;
}

/** Whether code only fills space: what assemblers and linkers put between functions. Never entered. */
export function isFiller(bytes: Uint8Array): boolean {
  if (bytes.every((byte) => byte === 0)) return true;
  const { Decoder, DecoderOptions, Instruction, Mnemonic } = iced();
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  const instruction = new Instruction();
  let filler = true;
  for (let at = 0; filler && at < bytes.length; at = decoder.position) {
    // Where linkers fill with zeros and assemblers with nops, both may meet in one gap.
    if (bytes[at] === 0) {
      decoder.position = at + 1;
      continue;
    }
    decoder.decodeOut(instruction);
    // Assemblers begin a long run of nops with a jump over it.
    const jump = at === 0 && (instruction.isJmpShort || instruction.isJmpNear);
    const over = jump && instruction.nearBranchTarget <= BigInt(bytes.length);
    filler =
      !instruction.isInvalid &&
      (over || instruction.mnemonic === Mnemonic.Nop || instruction.mnemonic === Mnemonic.Int3);
  }
  instruction.free();
  decoder.free();
  return filler;
}

/** Whether code is NOPs, all of it, of whatever length. */
export function isNops(bytes: Uint8Array): boolean {
  const { Decoder, DecoderOptions, Instruction, Mnemonic } = iced();
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  const instruction = new Instruction();
  let nops = true;
  while (nops && decoder.canDecode) {
    decoder.decodeOut(instruction);
    nops = !instruction.isInvalid && instruction.mnemonic === Mnemonic.Nop;
  }
  instruction.free();
  decoder.free();
  return nops;
}

/** Bytes of the displacement of the direct branch that starts at `start`: 1 for rel8 forms, 4 for rel32. SDM vol. 2. */
export function branchWidth(bytes: Uint8Array, start: number): 1 | 4 {
  let at = start;
  // Legacy prefixes and REX may stand before the opcode (`bnd jmp`, branch hints, padding of alternatives).
  while (
    [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf2, 0xf3].includes(bytes[at]) ||
    (bytes[at] & 0xf0) === 0x40
  )
    at++;
  const opcode = bytes[at];
  return opcode === 0xeb || (opcode & 0xf0) === 0x70 || (opcode & 0xfc) === 0xe0 ? 1 : 4;
}
