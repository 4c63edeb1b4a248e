/**
 * Which processor a modelled host has: as the plain machine of the emulator, of which Xen's alternatives know one
 * thing, that they are applied at all. Features are numbers as Xen counts them, word * 32 + bit; they differ from
 * release to release, so what is needed of them is read off the image.
 */
import type { Memory } from '../../emulator/memory.js';
import { isReadable, readS32, writeU32 } from '../guest-memory.js';
import type { ImageSymbols } from './image-symbols.js';

/** struct cpuinfo_x86 up to 4.17: x86_capability[] stands behind 12 bytes. */
const CAPABILITY = 12n;
const DIRECT_CALL_TO_ITSELF = -5;
const WHAT = 'an alternative of the image';

/**
 * X86_FEATURE_ALWAYS: of the image's own alternatives, that of a `call` to itself, which stands for the direct call
 * that a pointer will be made into. Undefined when the image has none. `entryBytes`: size of a struct alt_instr.
 */
export function alwaysFeature(memory: Memory, symbols: ImageSymbols, entryBytes: number): number | undefined {
  const end = symbols.lookup('__alt_instructions_end');
  const start = symbols.lookup('__alt_instructions');
  if (start === 0n || end < start) return undefined;
  const size = BigInt(entryBytes);
  for (let at = start; at + size <= end; at += size) {
    if (!isReadable(memory, at, entryBytes)) return undefined;
    const entry = memory.read(at, entryBytes);
    const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
    const replacement = at + 4n + BigInt(view.getInt32(4, true));
    if (entry[11] !== 5 || !isReadable(memory, replacement, 5)) continue;
    const [opcode] = memory.read(replacement, 1);
    if ((opcode & 0xfe) !== 0xe8) continue;
    if (readS32(memory, replacement + 1n, WHAT) === DIRECT_CALL_TO_ITSELF) return view.getUint16(8, true);
  }
  return undefined;
}

/** Tells the hypervisor's own code, which tests bits of boot_cpu_data, what its alternatives were told. */
export function announceFeatures(
  memory: Memory,
  symbols: ImageSymbols,
  features: ReadonlySet<number>,
  words: number,
): void {
  const bootCpuData = symbols.lookup('boot_cpu_data');
  if (bootCpuData === 0n) return;
  for (let word = 0; word < words; word++) {
    const bits = [...features].filter((f) => f >> 5 === word).reduce((all, f) => all | (1 << (f & 31)), 0);
    writeU32(memory, bootCpuData + CAPABILITY + BigInt(word * 4), bits, 'boot_cpu_data');
  }
}
