/**
 * The CPUs of a modelled host: for each a stack with struct cpu_info at its end, a per-CPU area, and an idle vCPU
 * that is the current one. One processor is emulated; a call says which CPU it runs on, and takes its stack.
 */
import type { CpuState } from '../../emulator/state.js';
import { Flag, Gpr, Segment } from '../../emulator/state.js';
import type { Memory } from '../../emulator/memory.js';
import type { CpuInfoLayout } from './cpu-info.js';
import { STACK_BYTES } from './cpu-info.js';
import { readBytes, writeBytes, writeU32, writeU64 } from '../guest-memory.js';
import type { GuestHeap } from './heap.js';
import type { ImageSymbols } from './image-symbols.js';

export interface HostCpu {
  readonly number: number;
  /** End of the stack, exclusive. */
  readonly stackEnd: bigint;
  /** Where a called function finds its first free word: below struct cpu_info. */
  readonly stackTop: bigint;
}

/** __HYPERVISOR_CS; ring 0. Source: xen/include/public/arch-x86/xen-x86_64.h. */
const HYPERVISOR_CS = 0xe008;
/** SDM vol. 3, 2.5: PE MP ET NE WP AM PG, and PAE PGE OSFXSR OSXMMEXCPT. */
const CR0 = 0x8005_0033n;
const CR4 = 0x6a0n;
/** More than struct vcpu and struct domain take. */
const OBJECT_BYTES = 0x4000;
/** struct vcpu: vcpu_id 0, processor 4, domain 16, from 4.7 to 4.17. struct domain: domain_id 0. */
const VCPU_PROCESSOR = 4n;
const VCPU_DOMAIN = 16n;
const DOMID_IDLE = 0x7fff;
const LEAST_FRAME = 64n;
/** cpumask_t: a bit for each CPU, the lowest for CPU 0. */
const CPU_MAPS = ['cpu_online_map', 'cpu_present_map', 'cpu_possible_map'];
const PER_CPU = 'per-CPU data';
const CPU_INFO = 'struct cpu_info';
const IDLE_VCPU = 'the idle vCPU';

export interface CpuPlan {
  readonly count: number;
  readonly layout: CpuInfoLayout | undefined;
}

/** Makes the CPUs in memory: CPU 0 uses the per-CPU template itself, as Xen's does, the others copies of it. */
export function makeCpus(memory: Memory, heap: GuestHeap, symbols: ImageSymbols, plan: CpuPlan): HostCpu[] {
  const start = symbols.lookup('__per_cpu_start');
  const end = symbols.lookup('__per_cpu_data_end');
  const offsets = symbols.lookup('__per_cpu_offset');
  const domain = heap.takeAligned(OBJECT_BYTES, 4096n);
  writeU32(memory, domain, DOMID_IDLE, 'the idle domain');
  for (const map of CPU_MAPS) {
    const address = symbols.lookup(map);
    if (address !== 0n) writeU64(memory, address, (1n << BigInt(plan.count)) - 1n, map);
  }
  return Array.from({ length: plan.count }, (_, number) => {
    const stackEnd = heap.takeAligned(Number(STACK_BYTES), STACK_BYTES) + STACK_BYTES;
    let perCpuOffset = 0n;
    if (number > 0 && start !== 0n && end > start) {
      const area = heap.takeAligned(Number(end - start), 4096n);
      writeBytes(memory, area, readBytes(memory, start, Number(end - start), PER_CPU), PER_CPU);
      perCpuOffset = area - start;
    }
    if (offsets !== 0n) writeU64(memory, offsets + BigInt(number) * 8n, perCpuOffset, '__per_cpu_offset');
    if (plan.layout !== undefined) fillCpuInfo(memory, plan.layout, stackEnd, number, perCpuOffset);
    const vcpu = makeIdleVcpu(memory, heap, number, domain);
    if (plan.layout !== undefined) writeU64(memory, stackEnd - plan.layout.currentVcpu, vcpu, CPU_INFO);
    const idle = symbols.lookup('idle_vcpu');
    if (idle !== 0n) writeU64(memory, idle + BigInt(number) * 8n, vcpu, 'idle_vcpu');
    const used = (plan.layout?.total ?? 0n) + LEAST_FRAME;
    return { number, stackEnd, stackTop: (stackEnd - used) & ~15n };
  });
}

function fillCpuInfo(
  memory: Memory,
  layout: CpuInfoLayout,
  stackEnd: bigint,
  number: number,
  perCpuOffset: bigint,
): void {
  writeU32(memory, stackEnd - layout.processorId, number, CPU_INFO);
  writeU64(memory, stackEnd - layout.perCpuOffset, perCpuOffset, CPU_INFO);
}

function makeIdleVcpu(memory: Memory, heap: GuestHeap, number: number, domain: bigint): bigint {
  const vcpu = heap.takeAligned(OBJECT_BYTES, 4096n);
  writeU32(memory, vcpu, number, IDLE_VCPU);
  writeU32(memory, vcpu + VCPU_PROCESSOR, number, IDLE_VCPU);
  writeU64(memory, vcpu + VCPU_DOMAIN, domain, IDLE_VCPU);
  return vcpu;
}

/** Sets the registers as at the entry of a function that is called: psABI, 3.2.3; only DF and IF count of flags. */
export function enterFunction(
  state: CpuState,
  entry: bigint,
  rsp: bigint,
  args: readonly bigint[],
  interruptsOn: boolean,
): void {
  const order = [Gpr.rdi, Gpr.rsi, Gpr.rdx, Gpr.rcx, 8, 9];
  state.r64.fill(0n);
  args.slice(0, order.length).forEach((value, k) => {
    state.r64[order[k]] = BigInt.asUintN(64, value);
  });
  state.r64[Gpr.rsp] = rsp;
  state.rip64[0] = entry;
  state.rflags = interruptsOn ? Flag.if : 0;
  state.selectors[Segment.cs] = HYPERVISOR_CS;
  state.cr[0] = CR0;
  state.cr[4] = CR4;
}
