/**
 * What one instruction does with the general registers and with the stack, as far as it takes to follow a constant
 * through a function: which registers it reads and overwrites, whether it copies one to another, whether it holds
 * an immediate of its own, how control leaves it.
 *
 * The facts are plain objects: those of iced-x86 live in WebAssembly and must be freed, so they never leave the
 * reader. Registers and sets of them are numbered as in calling-convention.ts.
 */
import type * as Iced from 'iced-x86';
import type {
  Decoder,
  Instruction,
  InstructionInfo,
  InstructionInfoFactory,
  UsedMemory,
  UsedRegister,
} from 'iced-x86';
import { RBP, registerSet, RSP } from './calling-convention.js';
import type { Place } from './calling-convention.js';
import { iced } from './decode.js';

/** An immediate that an instruction stores as it is; `start` and `end` delimit its field. */
export interface StoredImmediate {
  readonly start: number;
  readonly end: number;
  /** As signed 32-bit value, which is what the field of 1 or 4 bytes holds. */
  readonly value: number;
  /** Where it goes; on the stack that is seen from where rsp points afterwards. */
  readonly to: Place;
}

/** How control leaves an instruction; `direct` ones have a displacement at `field`. */
export type Exit =
  | { readonly kind: 'next' | 'return' | 'trap' | 'indirect-call' | 'unknown' }
  | { readonly kind: 'jump' | 'conditional' | 'call'; readonly field: number; readonly target: number };

/** Bytes that an instruction touches, as distances from where rsp points before it. */
export interface StackPlace {
  readonly from: number;
  readonly to: number;
}

export interface InstructionFacts {
  readonly start: number;
  readonly end: number;
  readonly exit: Exit;
  /** Registers of which any part is read, as operand, in an address or implicitly. */
  readonly reads: number;
  /** Registers that are overwritten as a whole, whatever happens. */
  readonly overwrites: number;
  /** Registers that are written in part, or only sometimes. */
  readonly touches: number;
  /** A move between registers: always, or on a condition. */
  readonly copy?: { readonly from: number; readonly to: number; readonly always: boolean };
  /** What gets all of an address or a constant from the instruction itself: `lea x(%rip)`, `mov $x`, `push $x`. */
  readonly loads?: Place;
  /** A register that goes to the stack as a whole: `push`, or `mov` by rsp. `to` is seen from rsp afterwards. */
  readonly stores?: { readonly register: number; readonly to: number };
  readonly immediate?: StoredImmediate;
  /** Memory on the stack that is read or written, or whose address is taken: by rsp, or below where rbp points. */
  readonly stack: readonly StackPlace[];
  /** What it adds to rsp; undefined when it does something else to it. */
  readonly stackIncrement?: number;
}

/** Reads facts from a range of code. To be freed. */
export class FactReader {
  private readonly decoder: Decoder;
  private readonly instruction: Instruction;
  private readonly infos: InstructionInfoFactory;

  constructor(private readonly bytes: Uint8Array) {
    const { Decoder, DecoderOptions, Instruction, InstructionInfoFactory } = iced();
    this.decoder = new Decoder(64, bytes, DecoderOptions.None);
    this.instruction = new Instruction();
    this.infos = new InstructionInfoFactory();
  }

  /** The facts of the instruction that begins at `start`, which must lie inside the range. */
  read(start: number): InstructionFacts {
    const { decoder, instruction } = this;
    decoder.position = start;
    decoder.ip = BigInt(start);
    decoder.decodeOut(instruction);
    if (instruction.isInvalid) {
      const nothing = { reads: 0, overwrites: 0, touches: 0, stack: [] };
      return { start, end: start + 1, exit: { kind: 'unknown' }, ...nothing };
    }
    const end = start + instruction.length;
    const info = this.infos.info(instruction);
    const used = usedRegisters(info);
    if (ignoresRegister(instruction)) used.reads = 0;
    const stack = usedStack(instruction, info);
    info.free();
    const copy = copyOf(instruction);
    const loads = loadedPlace(instruction);
    const stores = storedRegister(instruction);
    const immediate = this.immediateOf(start);
    const increment = stackIncrement(instruction, used.overwrites | used.touches);
    return {
      start,
      end,
      exit: this.exitOf(start, end),
      ...used,
      ...(copy && { copy }),
      ...(loads && { loads }),
      ...(stores && { stores }),
      ...(immediate && { immediate }),
      stack,
      ...(increment !== undefined && { stackIncrement: increment }),
    };
  }

  free(): void {
    this.infos.free();
    this.instruction.free();
    this.decoder.free();
  }

  private exitOf(start: number, end: number): Exit {
    const { FlowControl, Mnemonic } = iced();
    const { instruction } = this;
    const direct = (kind: 'jump' | 'conditional' | 'call'): Exit => {
      const offsets = this.decoder.getConstantOffsets(instruction);
      const field = offsets.hasImmediate ? start + offsets.immediateOffset : end;
      offsets.free();
      return { kind, field, target: Number(BigInt.asIntN(64, instruction.nearBranchTarget)) };
    };
    switch (instruction.flowControl) {
      case FlowControl.Next:
        return { kind: 'next' };
      case FlowControl.UnconditionalBranch:
        return instruction.isJmpShortOrNear ? direct('jump') : { kind: 'unknown' };
      case FlowControl.ConditionalBranch:
        return direct('conditional');
      case FlowControl.Call:
        // vmcall and its like are calls as well, of something that is no function.
        return instruction.isCallNear ? direct('call') : { kind: 'unknown' };
      case FlowControl.IndirectCall:
        return { kind: 'indirect-call' };
      case FlowControl.Return:
        return { kind: instruction.mnemonic === Mnemonic.Ret ? 'return' : 'unknown' };
      case FlowControl.Exception:
        return { kind: instruction.mnemonic === Mnemonic.Ud2 ? 'trap' : 'unknown' };
      default:
        return { kind: 'unknown' };
    }
  }

  private immediateOf(start: number): StoredImmediate | undefined {
    const { Mnemonic, OpKind } = iced();
    const { instruction } = this;
    const to = instruction.mnemonic === Mnemonic.Push ? { stack: 0 } : moveDestination(instruction);
    if (to === undefined) return undefined;
    const kind = instruction.mnemonic === Mnemonic.Push ? instruction.op0Kind : instruction.op1Kind;
    if (kind !== OpKind.Immediate32 && kind !== OpKind.Immediate32to64 && kind !== OpKind.Immediate8to64) {
      return undefined;
    }
    const offsets = this.decoder.getConstantOffsets(instruction);
    const at = start + offsets.immediateOffset;
    const size = offsets.immediateSize;
    offsets.free();
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    return { start: at, end: at + size, value: size === 1 ? view.getInt8(at) : view.getInt32(at, true), to };
  }
}

/** What a piece of code does that runs straight through, and perhaps jumps away at the end. */
export interface StraightCode {
  /** The registers that it reads or writes. */
  readonly registers: number;
  /** Place of the displacement of the jump at its end; undefined when it ends without. */
  readonly jump: number | undefined;
}

/** Reads such a piece; undefined when it branches, calls or traps. What follows a jump is not looked at. */
export function straightCode(bytes: Uint8Array): StraightCode | undefined {
  const reader = new FactReader(bytes);
  try {
    let registers = 0;
    for (let at = 0; at < bytes.length;) {
      const { exit, end, reads, overwrites, touches } = reader.read(at);
      if (exit.kind === 'jump') return { registers, jump: exit.field };
      if (exit.kind !== 'next') return undefined;
      registers |= reads | overwrites | touches;
      at = end;
    }
    return { registers, jump: undefined };
  } finally {
    reader.free();
  }
}

/** Where `mov $imm` goes, if to all of a register or to the stack by rsp alone. */
function moveDestination(instruction: Instruction): Place | undefined {
  const { Mnemonic, OpKind } = iced();
  if (instruction.mnemonic !== Mnemonic.Mov) return undefined;
  if (instruction.op0Kind === OpKind.Register) return registerOperand(instruction);
  const stack = stackOperand(instruction);
  return stack === undefined ? undefined : { stack };
}

/** The first operand, when it is a whole register. */
function registerOperand(instruction: Instruction): Place | undefined {
  const register = wholeRegister(instruction.op0Register);
  return register === undefined ? undefined : { register };
}

/** The distance from rsp at which the first operand lies, when it is memory by rsp alone. */
function stackOperand(instruction: Instruction): number | undefined {
  const { OpKind, Register } = iced();
  const byRsp =
    instruction.op0Kind === OpKind.Memory &&
    instruction.memoryBase === Register.RSP &&
    instruction.memoryIndex === Register.None &&
    instruction.segmentPrefix === Register.None;
  return byRsp ? Number(BigInt.asIntN(64, instruction.memoryDisplacement)) : undefined;
}

/** Number of the general register that a register is part of, or undefined. */
function generalRegister(register: Iced.Register): number | undefined {
  const { Register, RegisterExt } = iced();
  if (!RegisterExt.isGPR(register)) return undefined;
  return RegisterExt.fullRegister(register) - Register.RAX;
}

/** The same, when writing the part fills the whole: the 32-bit names clear the upper half. */
function wholeRegister(register: Iced.Register): number | undefined {
  const { RegisterExt } = iced();
  return RegisterExt.isGPR32(register) || RegisterExt.isGPR64(register)
    ? generalRegister(register)
    : undefined;
}

/** Short ways to load 0 or -1, whatever was in the register: `sbb %edx,%edx`, `or $-1,%edx`, `and $0,%edx`. */
function ignoresRegister(instruction: Instruction): boolean {
  const { Mnemonic, OpKind } = iced();
  if (instruction.op0Kind !== OpKind.Register || wholeRegister(instruction.op0Register) === undefined)
    return false;
  const { mnemonic, op1Kind } = instruction;
  if (mnemonic === Mnemonic.Sbb) {
    return op1Kind === OpKind.Register && instruction.op0Register === instruction.op1Register;
  }
  if (op1Kind !== OpKind.Immediate8to32 && op1Kind !== OpKind.Immediate8to64) return false;
  const value = BigInt.asIntN(64, instruction.immediate(1));
  return (mnemonic === Mnemonic.Or && value === -1n) || (mnemonic === Mnemonic.And && value === 0n);
}

function usedRegisters(info: InstructionInfo): { reads: number; overwrites: number; touches: number } {
  const { OpAccess } = iced();
  let reads = 0;
  let overwrites = 0;
  let touches = 0;
  const all: readonly UsedRegister[] = info.usedRegisters();
  for (const used of all) {
    const { register, access } = used;
    used.free();
    const number = generalRegister(register);
    if (number === undefined || access === OpAccess.None || access === OpAccess.NoMemAccess) continue;
    const bit = registerSet(number);
    if (access !== OpAccess.Write && access !== OpAccess.CondWrite) reads |= bit;
    if (access === OpAccess.Read || access === OpAccess.CondRead) continue;
    const always = access === OpAccess.Write || access === OpAccess.ReadWrite;
    if (always && wholeRegister(register) !== undefined) overwrites |= bit;
    else touches |= bit;
  }
  return { reads, overwrites, touches };
}

const EVERYWHERE: StackPlace = { from: -Infinity, to: Infinity };

function usedStack(instruction: Instruction, info: InstructionInfo): StackPlace[] {
  const { MemorySizeExt, Mnemonic, OpKind, Register } = iced();
  const { mnemonic, memoryBase, memoryDisplacement } = instruction;
  const below = belowFrame(memoryBase, instruction.memoryIndex, memoryDisplacement);
  const byLea = mnemonic === Mnemonic.Lea && (generalRegister(memoryBase) === RSP || below);
  const byMove = instruction.op1Kind === OpKind.Register && instruction.op1Register === Register.RSP;
  // Whoever gets the address may reach all of it.
  if (byLea || byMove) return [EVERYWHERE];
  const places: StackPlace[] = [];
  const all: readonly UsedMemory[] = info.usedMemory();
  for (const used of all) {
    const { base, index, displacement, memorySize } = used;
    used.free();
    if (belowFrame(base, index, displacement)) places.push(EVERYWHERE);
    if (generalRegister(base) !== RSP) continue;
    const from = Number(BigInt.asIntN(64, displacement));
    const size = MemorySizeExt.size(memorySize);
    if (index !== Register.None || size === 0) places.push(EVERYWHERE);
    else places.push({ from, to: from + size });
  }
  return places;
}

/**
 * Whether an address may be one below a frame pointer, where the stack is: how far rsp is from there is not known. Where
 * rbp is no frame pointer that is asked too much, which loses nothing but an answer.
 */
function belowFrame(base: Iced.Register, index: Iced.Register, displacement: bigint): boolean {
  if (generalRegister(index) === RBP) return true;
  if (generalRegister(base) !== RBP) return false;
  return generalRegister(index) !== undefined || BigInt.asIntN(64, displacement) < 0n;
}

function copyOf(instruction: Instruction): InstructionFacts['copy'] {
  const { Mnemonic, OpKind } = iced();
  if (instruction.op0Kind !== OpKind.Register || instruction.op1Kind !== OpKind.Register) return undefined;
  const always = instruction.mnemonic === Mnemonic.Mov;
  if (!always && !conditionalMoves().has(instruction.mnemonic)) return undefined;
  const to = wholeRegister(instruction.op0Register);
  const from = wholeRegister(instruction.op1Register);
  return to === undefined || from === undefined ? undefined : { from, to, always };
}

let moves: ReadonlySet<number> | undefined;

function conditionalMoves(): ReadonlySet<number> {
  const { Mnemonic: m } = iced();
  moves ??= new Set<number>([
    ...[m.Cmova, m.Cmovae, m.Cmovb, m.Cmovbe, m.Cmove, m.Cmovg, m.Cmovge, m.Cmovl, m.Cmovle],
    ...[m.Cmovne, m.Cmovno, m.Cmovnp, m.Cmovns, m.Cmovo, m.Cmovp, m.Cmovs],
  ]);
  return moves;
}

function loadedPlace(instruction: Instruction): Place | undefined {
  const { Mnemonic, OpKind } = iced();
  const { mnemonic, op0Kind, op1Kind } = instruction;
  if (mnemonic === Mnemonic.Push) return op0Kind === OpKind.Immediate32to64 ? { stack: 0 } : undefined;
  const address = mnemonic === Mnemonic.Lea && instruction.isIpRelMemoryOperand;
  const extended = op1Kind === OpKind.Immediate32to64;
  const constant =
    mnemonic === Mnemonic.Mov &&
    (extended || op1Kind === OpKind.Immediate32 || op1Kind === OpKind.Immediate64);
  if (!address && !constant) return undefined;
  if (op0Kind === OpKind.Register) return registerOperand(instruction);
  // Four bytes would leave the rest of a slot as it was.
  return extended ? moveDestination(instruction) : undefined;
}

function storedRegister(instruction: Instruction): InstructionFacts['stores'] {
  const { Mnemonic, OpKind, RegisterExt } = iced();
  const { mnemonic, op0Kind, op0Register, op1Kind, op1Register } = instruction;
  const pushed = mnemonic === Mnemonic.Push && op0Kind === OpKind.Register;
  const to = pushed ? 0 : mnemonic === Mnemonic.Mov ? stackOperand(instruction) : undefined;
  if (to === undefined || (!pushed && op1Kind !== OpKind.Register)) return undefined;
  const stored = pushed ? op0Register : op1Register;
  const register = RegisterExt.isGPR64(stored) ? generalRegister(stored) : undefined;
  return register === undefined ? undefined : { register, to };
}

function stackIncrement(instruction: Instruction, written: number): number | undefined {
  if ((written & registerSet(RSP)) === 0) return 0;
  const { Mnemonic } = iced();
  const plain = instruction.mnemonic === Mnemonic.Push || instruction.mnemonic === Mnemonic.Pop;
  return plain ? instruction.stackPointerIncrement : undefined;
}
