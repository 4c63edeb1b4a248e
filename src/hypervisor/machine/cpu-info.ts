/**
 * Where a hypervisor's code looks for what belongs to the CPU it runs on: struct cpu_info, at the top of the stack.
 *
 *   rsp | (STACK_SIZE - 1)  is the last byte of the stack; code loads at negative distances from there
 *     … processor_id (32 bits)   verw_sel   current_vcpu (64)   per_cpu_offset (64) …
 *
 * The size of what follows differs from release to release, so the distances are read off the code: of all loads
 * behind `or $0x7fff`, the pairs of a 64-bit load 8 bytes above another, the lower of which is the most frequent
 * one, are current and per_cpu_offset; processor_id is 8 below. Source: xen/arch/x86/include/asm/current.h.
 */
import { decodeInstruction } from '../../emulator/instruction.js';

/** STACK_SIZE since Xen 3: eight pages. */
export const STACK_BYTES = 0x8000n;

/** Distances from the end of the stack (exclusive) down to each field. */
export interface CpuInfoLayout {
  readonly processorId: bigint;
  readonly currentVcpu: bigint;
  readonly perCpuOffset: bigint;
  /** Of struct cpu_info as a whole: the stack proper begins below it. */
  readonly total: bigint;
}

/** Bytes of struct cpu_user_regs, with which struct cpu_info begins, up to Xen 4.20. */
const USER_REGS_BYTES = 200n;

/** Sites to look at: far more than are needed to be sure. */
const ENOUGH_SITES = 600;
const FEWEST_SITES = 8;

/** Reads the layout off the code of a hypervisor; undefined when it does not look at the end of its stack. */
export function cpuInfoLayout(text: Uint8Array): CpuInfoLayout | undefined {
  const loads = new Map<bigint, number>();
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const mask = Buffer.from([0xff, 0x7f, 0, 0]);
  let sites = 0;
  for (let at = buffer.indexOf(mask); at >= 0 && sites < ENOUGH_SITES; at = buffer.indexOf(mask, at + 1)) {
    const distance = loadBehind(text, at);
    if (distance === undefined) continue;
    loads.set(distance, (loads.get(distance) ?? 0) + 1);
    sites++;
  }
  const pairs = [...loads]
    .filter(([distance, count]) => count >= FEWEST_SITES && (loads.get(distance - 8n) ?? 0) >= FEWEST_SITES)
    .sort((a, b) => b[1] + (loads.get(b[0] - 8n) ?? 0) - a[1] - (loads.get(a[0] - 8n) ?? 0));
  const best = pairs.at(0);
  if (best === undefined) return undefined;
  const [currentVcpu] = best;
  return {
    processorId: currentVcpu + 8n,
    currentVcpu,
    perCpuOffset: currentVcpu - 8n,
    total: currentVcpu + 8n + USER_REGS_BYTES,
  };
}

/** `or $0x7fff, R` whose immediate is at `at`, then a 64-bit load over R: how far below the end of the stack. */
function loadBehind(text: Uint8Array, at: number): bigint | undefined {
  const register = registerOfOr(text, at);
  if (register === undefined) return undefined;
  let next = at + 4;
  for (let k = 0; k < 3 && next < text.length; k++) {
    const instruction = decodeInstruction(text.subarray(next, next + 15), 0n);
    if (typeof instruction === 'string') return undefined;
    for (const operand of instruction.operands) {
      const wanted = operand.kind === 'memory' && operand.base === register && operand.width === 64;
      if (!wanted || operand.index >= 0) continue;
      const displacement = BigInt.asIntN(64, operand.displacement);
      // The register holds the address of the last byte.
      if (displacement < 0n && displacement > -0x200n && instruction.mnemonic === 'Mov')
        return 1n - displacement;
    }
    next += instruction.length;
  }
  return undefined;
}

/** SDM vol. 2, OR: `48 0d id` for rax, `REX.W 81 /1 id` for the others. */
function registerOfOr(text: Uint8Array, at: number): number | undefined {
  if (at >= 2 && text[at - 2] === 0x48 && text[at - 1] === 0x0d) return 0;
  if (at < 3 || text[at - 2] !== 0x81 || (text[at - 1] & 0xf8) !== 0xc8) return undefined;
  if (text[at - 3] === 0x48) return text[at - 1] & 7;
  return text[at - 3] === 0x49 ? 8 + (text[at - 1] & 7) : undefined;
}
