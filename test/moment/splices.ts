/**
 * Code to be spliced while processors run it, one piece for each way. What is written comes from the modules that the
 * emulated hypervisor writes it with, byte for byte and in that order.
 *
 *   OLD       the function            CALLER   calls it twice and through a pointer, and adds up what comes
 *   NEW       the new one             SLOT     the pointer
 */
import { R_X86_64_64, R_X86_64_PC32 } from '../../src/elf/constants.js';
import { Cpu } from '../../src/emulator/cpu.js';
import { Permission } from '../../src/emulator/page.js';
import { Gpr } from '../../src/emulator/state.js';
import { changedBy } from '../../src/hypervisor/moment.js';
import type { LoadedPayload, LoadedSplice } from '../../src/hypervisor/payload.js';
import { newBytes } from '../../src/hypervisor/splice-record.js';
import { jump } from '../../src/hypervisor/trampoline.js';
import { encodeFixup } from '../../src/xen/splice-records.js';
import type { SpliceKindName } from '../../src/xen/splice-records.js';
import type { CallUnderTest, PatchByte } from './moment.js';

export const KINDS = ['trampoline', 'in place', 'callers'] as const;
export type SpliceUnderTest = (typeof KINDS)[number];

const OLD = 0x10000n;
const CALLER = 0x10080n;
const NEW = 0x11000n;
const DATA = 0x12000n;
const RECORDS = 0x13000n;
const STACKS = 0x20000n;
const RETURN = 0x30000n;
const { read, write, execute } = Permission;

/** Per way: the old function, and what it returns before and after. */
const OLD_CODE: Readonly<Record<SpliceUnderTest, readonly number[]>> = {
  // xor %eax,%eax; inc %eax; nop; ret – the jump is written over the first three.
  trampoline: [0x31, 0xc0, 0xff, 0xc0, 0x90, 0xc3],
  // mov $1,%eax; add $2,%eax; ret
  'in place': [0xb8, 1, 0, 0, 0, 0x83, 0xc0, 2, 0xc3],
  // mov $1,%eax; ret
  callers: [0xb8, 1, 0, 0, 0, 0xc3],
};
/** mov $3,%eax; add $4,%eax: seven, as the new function; either half alone gives something else. */
const OVER = [0xb8, 3, 0, 0, 0, 0x83, 0xc0, 4];
/** mov $7,%eax; ret */
const NEW_CODE = [0xb8, 7, 0, 0, 0, 0xc3];
const RESULTS: Readonly<Record<SpliceUnderTest, readonly bigint[]>> = {
  trampoline: [1n, 7n],
  'in place': [3n, 7n],
  callers: [3n, 21n],
};

/** Distances that calls in CALLER hold, from the end of each. */
const field = (at: bigint, to: bigint): number[] => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(Number(to - (at + 4n)));
  return [...bytes];
};
const CALLS = [CALLER, CALLER + 7n];
/** call OLD; mov %eax,%ecx; call OLD; add %eax,%ecx; call *SLOT; add %ecx,%eax; ret */
const CALLER_CODE = [
  ...[0xe8, ...field(CALLER + 1n, OLD), 0x89, 0xc1],
  ...[0xe8, ...field(CALLER + 8n, OLD), 0x01, 0xc1],
  ...[0xff, 0x15, ...field(CALLER + 16n, DATA), 0x01, 0xc8, 0xc3],
];

export interface UnderTest {
  readonly code: CallUnderTest;
  readonly patch: readonly PatchByte[];
  /** The old function. */
  readonly entry: bigint;
  readonly size: bigint;
}

export function underTest(kind: SpliceUnderTest): UnderTest {
  const cpu = new Cpu();
  const { memory } = cpu;
  for (const page of [OLD, NEW, RETURN]) memory.map(page, 4096, read | execute);
  for (const page of [DATA, RECORDS]) memory.map(page, 4096, read);
  memory.map(STACKS, 4096, read | write);
  memory.write(OLD, Uint8Array.from(OLD_CODE[kind]));
  memory.write(CALLER, Uint8Array.from(CALLER_CODE));
  memory.write(NEW, Uint8Array.from(NEW_CODE));
  memory.write(DATA, new Uint8Array(new BigUint64Array([OLD]).buffer));
  const size = OLD_CODE[kind].length;
  const splices = splicesOf(kind, cpu);
  const jumps = kind === 'trampoline' ? [{ address: OLD, bytes: jump(OLD, NEW) }] : [];
  const patch = [...jumps, ...splices.map(({ address, new: bytes }) => ({ address, bytes }))].flatMap(
    ({ address, bytes }) =>
      Array.from(bytes, (byte, k): PatchByte => {
        const at = address + BigInt(k);
        return { address: at, old: memory.read(at, 1)[0], new: byte };
      }),
  );
  const stacks = [0, 1].map((k) => ({ address: STACKS + BigInt(k * 64), length: 32 }));
  const start = kind === 'callers' ? CALLER : OLD;
  const code = {
    cpu,
    entries: stacks.map((stack) => entryAt(cpu, start, stack.address + 24n)),
    stacks,
    returned: RETURN,
    results: RESULTS[kind],
    changes: changedBy(payloadOf(splices, size)),
  };
  return { code, patch, entry: OLD, size: BigInt(size) };
}

function entryAt({ state, memory }: Cpu, start: bigint, stack: bigint): Uint8Array {
  state.r64.fill(0n);
  state.r64[Gpr.rsp] = stack;
  state.rip64[0] = start;
  memory.write(stack, new Uint8Array(new BigUint64Array([RETURN]).buffer));
  return state.save();
}

function splicesOf(kind: SpliceUnderTest, cpu: Cpu): LoadedSplice[] {
  if (kind === 'trampoline') return [];
  if (kind === 'in place') return [spliceAt(cpu, 0, 'inPlace', OLD, OVER, undefined)];
  return [
    ...CALLS.map((at, k) => spliceAt(cpu, k, 'branch', at, [0xe8, 0, 0, 0, 0], [1, R_X86_64_PC32, NEW - 4n])),
    spliceAt(cpu, 2, 'pointer', DATA, new Array<number>(8).fill(0), [0, R_X86_64_64, NEW]),
  ];
}

/** A record whose bytes and fixup lie in memory; its new bytes are what the hypervisor makes of them. */
function spliceAt(
  { memory }: Cpu,
  position: number,
  kind: SpliceKindName,
  address: bigint,
  bytes: readonly number[],
  fixup: readonly [into: number, type: number, target: bigint] | undefined,
): LoadedSplice {
  const newAt = RECORDS + BigInt(64 * position);
  memory.write(newAt, Uint8Array.from(bytes));
  if (fixup !== undefined) {
    const encoded = encodeFixup(fixup[0], fixup[1]);
    new DataView(encoded.buffer).setBigUint64(0, fixup[2], true);
    memory.write(newAt + 16n, encoded);
  }
  const record = {
    at: 0n,
    name: 'old',
    kind,
    version: 1,
    address,
    length: bytes.length,
    oldAt: address,
    newAt,
    fixupsAt: newAt + 16n,
    fixupCount: fixup === undefined ? 0 : 1,
    replaced: OLD,
    replacedSize: OLD_CODE[kind === 'inPlace' ? 'in place' : 'callers'].length,
    replacement: kind === 'inPlace' ? 0n : NEW,
    holder: kind === 'pointer' ? 0n : kind === 'inPlace' ? OLD : CALLER,
    holderSize:
      kind === 'pointer' ? 0 : kind === 'inPlace' ? OLD_CODE['in place'].length : CALLER_CODE.length,
    permissions: kind === 'pointer' ? 4 : 5,
  };
  return { ...record, old: memory.read(address, bytes.length), new: newBytes(memory, record) };
}

/** As much of a payload as says what it changes. */
function payloadOf(
  splices: readonly LoadedSplice[],
  oldSize: number,
): Pick<LoadedPayload, 'functions' | 'splices' | 'text'> {
  const jumps = splices.length === 0;
  const record = { at: 0n, name: 'old', oldAddress: OLD, newAddress: NEW, oldSize, newSize: NEW_CODE.length };
  return { functions: jumps ? [record] : [], splices, text: { start: NEW, end: NEW + 6n } };
}
