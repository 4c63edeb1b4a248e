/**
 * An instruction in our own form, made from iced's once for each address, so that nothing of iced has to be kept
 * or freed. Registers are numbers as the encoding has them; rip-relative operands are plain addresses.
 */
import { iced } from '../x86/decode.js';
import type * as Iced from 'iced-x86';

export interface MemoryOperand {
  readonly kind: 'memory';
  /** Bits; 0 when the instruction only takes the address. */
  readonly width: number;
  /** Number of the base register, -1 for none. */
  readonly base: number;
  readonly index: number;
  readonly scale: number;
  readonly displacement: bigint;
  /** Number of a segment register whose base counts: fs, gs; -1 for others. */
  readonly segment: number;
  readonly addressWidth: 32 | 64;
  /** Whether a bad address raises #SS instead of #GP. */
  readonly stack: boolean;
}

export type Operand =
  | { readonly kind: 'gpr'; readonly width: 8 | 16 | 32 | 64; readonly index: number }
  | { readonly kind: 'high'; readonly width: 8; readonly index: number }
  | { readonly kind: 'xmm'; readonly width: 128; readonly index: number }
  | {
      readonly kind: 'segment' | 'control' | 'debug' | 'other';
      readonly width: number;
      readonly index: number;
    }
  | { readonly kind: 'immediate'; readonly width: number; readonly value: bigint }
  | { readonly kind: 'target'; readonly width: 64; readonly value: bigint }
  | MemoryOperand;

export interface Instruction {
  /** iced's name of the mnemonic (`Add`) and of the form (`Add_rm32_r32`). */
  readonly mnemonic: string;
  readonly form: string;
  readonly address: bigint;
  readonly next: bigint;
  readonly length: number;
  readonly operands: readonly Operand[];
  readonly lock: boolean;
  readonly repeat: '' | 'rep' | 'repne';
  /** Where the 4-byte displacement of a rip-relative operand stands, or -1. For those who make test cases. */
  readonly ipDisplacementAt: number;
}

const names = new Map<object, string[]>();

/** Names of an enumeration of iced by number. */
export function namesOf(enumeration: object): string[] {
  let list = names.get(enumeration);
  if (list === undefined) {
    list = [];
    for (const [name, value] of Object.entries(enumeration))
      if (typeof value === 'number') list[value] = name;
    names.set(enumeration, list);
  }
  return list;
}

interface Scratch {
  readonly instruction: Iced.Instruction;
}

let scratch: Scratch | undefined;

/** Decodes the instruction at the start of the bytes; undefined when they are none, or end too early. */
export function decodeInstruction(bytes: Uint8Array, address: bigint): Instruction | 'cut' | 'invalid' {
  const { Decoder, DecoderOptions, DecoderError, Instruction, Code, Mnemonic } = iced();
  scratch ??= { instruction: new Instruction() };
  const { instruction } = scratch;
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  try {
    decoder.ip = address;
    decoder.decodeOut(instruction);
    if (instruction.isInvalid) return decoder.lastError === DecoderError.NoMoreBytes ? 'cut' : 'invalid';
    const offsets = decoder.getConstantOffsets(instruction);
    const ipDisplacementAt =
      instruction.isIpRelMemoryOperand && offsets.hasDisplacement ? offsets.displacementOffset : -1;
    offsets.free();
    return {
      mnemonic: namesOf(Mnemonic)[instruction.mnemonic],
      form: namesOf(Code)[instruction.code],
      address,
      next: BigInt.asUintN(64, address + BigInt(instruction.length)),
      length: instruction.length,
      operands: Array.from({ length: instruction.opCount }, (_, k) => operandOf(instruction, k)),
      lock: instruction.hasLockPrefix,
      repeat: instruction.hasRepPrefix ? 'rep' : instruction.hasRepnePrefix ? 'repne' : '',
      ipDisplacementAt,
    };
  } finally {
    decoder.free();
  }
}

function operandOf(instruction: Iced.Instruction, k: number): Operand {
  const { OpKind } = iced();
  const kind = instruction.opKind(k);
  switch (kind) {
    case OpKind.Register:
      return registerOperand(instruction.opRegister(k));
    case OpKind.NearBranch16:
    case OpKind.NearBranch32:
    case OpKind.NearBranch64:
      return { kind: 'target', width: 64, value: instruction.nearBranchTarget };
    case OpKind.Memory:
      return memoryOperand(instruction);
    case OpKind.Immediate8:
    case OpKind.Immediate8_2nd:
    case OpKind.Immediate16:
    case OpKind.Immediate32:
    case OpKind.Immediate64:
    case OpKind.Immediate8to16:
    case OpKind.Immediate8to32:
    case OpKind.Immediate8to64:
    case OpKind.Immediate32to64:
      return { kind: 'immediate', width: 64, value: BigInt.asUintN(64, instruction.immediate(k)) };
    default:
      return stringOperand(instruction, kind);
  }
}

/** Operands that rsi and rdi point to. Only the address width and a segment of the source differ. */
function stringOperand(instruction: Iced.Instruction, kind: Iced.OpKind): Operand {
  const { OpKind, MemorySizeExt, Register } = iced();
  const width = MemorySizeExt.size(instruction.memorySize) * 8;
  const isSource = kind >= OpKind.MemorySegSI && kind <= OpKind.MemorySegRSI;
  const isDestination = kind >= OpKind.MemoryESDI && kind <= OpKind.MemoryESRDI;
  if (!isSource && !isDestination) return { kind: 'other', width: 0, index: kind };
  const narrow = kind === OpKind.MemorySegESI || kind === OpKind.MemoryESEDI;
  const segment = isSource ? segmentOf(instruction.memorySegment) : -1;
  return {
    kind: 'memory',
    width,
    base: isSource ? 6 : 7,
    index: -1,
    scale: 1,
    displacement: 0n,
    segment,
    addressWidth: narrow ? 32 : 64,
    stack: isSource && instruction.memorySegment === Register.SS,
  };
}

function registerOperand(register: Iced.Register): Operand {
  const { Register } = iced();
  const from = (first: number): number => register - first;
  if (register >= Register.AL && register <= Register.R15L) {
    // iced orders al cl dl bl ah ch dh bh spl bpl sil dil r8l …
    const k = from(Register.AL);
    if (k < 4) return { kind: 'gpr', width: 8, index: k };
    return k < 8 ? { kind: 'high', width: 8, index: k - 4 } : { kind: 'gpr', width: 8, index: k - 4 };
  }
  if (register >= Register.AX && register <= Register.R15W)
    return { kind: 'gpr', width: 16, index: from(Register.AX) };
  if (register >= Register.EAX && register <= Register.R15D)
    return { kind: 'gpr', width: 32, index: from(Register.EAX) };
  if (register >= Register.RAX && register <= Register.R15)
    return { kind: 'gpr', width: 64, index: from(Register.RAX) };
  if (register >= Register.XMM0 && register <= Register.XMM15)
    return { kind: 'xmm', width: 128, index: from(Register.XMM0) };
  if (register >= Register.ES && register <= Register.GS)
    return { kind: 'segment', width: 16, index: from(Register.ES) };
  if (register >= Register.CR0 && register <= Register.CR15)
    return { kind: 'control', width: 64, index: from(Register.CR0) };
  if (register >= Register.DR0 && register <= Register.DR15)
    return { kind: 'debug', width: 64, index: from(Register.DR0) };
  return { kind: 'other', width: 0, index: register };
}

function segmentOf(register: Iced.Register): number {
  const { Register } = iced();
  return register === Register.FS ? 4 : register === Register.GS ? 5 : -1;
}

function memoryOperand(instruction: Iced.Instruction): MemoryOperand {
  const { Register, MemorySizeExt } = iced();
  const { memoryBase, memoryIndex } = instruction;
  const ipRelative = instruction.isIpRelMemoryOperand;
  const number = (register: Iced.Register): number => {
    if (register >= Register.RAX && register <= Register.R15) return register - Register.RAX;
    return register >= Register.EAX && register <= Register.R15D ? register - Register.EAX : -1;
  };
  const narrow =
    [memoryBase, memoryIndex].some((r) => r >= Register.EAX && r <= Register.R15D) ||
    memoryBase === Register.EIP ||
    (memoryBase === Register.None && memoryIndex === Register.None && instruction.memoryDisplSize === 4);
  return {
    kind: 'memory',
    width: MemorySizeExt.size(instruction.memorySize) * 8,
    base: ipRelative ? -1 : number(memoryBase),
    index: number(memoryIndex),
    scale: instruction.memoryIndexScale,
    displacement: ipRelative ? instruction.ipRelMemoryAddress : instruction.memoryDisplacement,
    segment: segmentOf(instruction.memorySegment),
    addressWidth: narrow ? 32 : 64,
    stack: instruction.memorySegment === Register.SS,
  };
}
