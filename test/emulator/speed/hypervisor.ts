/**
 * Functions of Debian's Xen, with its memory as the hypervisor model boots it, for who times the emulator. Each is
 * called over and over by a few instructions of ours. The image comes from `make xen-test`; it is not fetched here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../../../src/cache-directory.js';
import { PAGE_BYTES, Permission } from '../../../src/emulator/page.js';
import { XenMachine } from '../../../src/hypervisor/machine/machine.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import { XEN_VERSION } from '../../../src/qemu/debian.js';
import { readXenImage } from '../../../src/xen/image.js';
import type { GuestCall, Part } from './guest-program.js';

export interface HypervisorRow {
  readonly name: string;
  readonly what: string;
  readonly call: GuestCall;
}

interface Wanted {
  readonly symbol: string;
  readonly what: string;
  readonly times: bigint;
  /** rdi, rsi, rdx, rcx, r8, r9. */
  readonly args: readonly bigint[];
}

const IMAGE = join(cacheDirectory(), `debian-xen-${XEN_VERSION}/usr/lib/debug/boot/xen-syms-4.17-amd64`);
const LOOP = 0x6f000000n;
const SCRATCH = 0x6e000000n;
const SCRATCH_BYTES = 0x10000;
const OUTPUT = SCRATCH;
const FORMAT = SCRATCH + 0x1000n;
const NAME = SCRATCH + 0x2000n;
const BULK = SCRATCH + 0x4000n;
const BULK_BYTES = 0x8000n;

const WANTED: readonly Wanted[] = [
  {
    symbol: 'snprintf',
    what: "Xen's snprintf()",
    times: 40_000n,
    args: [OUTPUT, 200n, FORMAT, NAME, 123_456n, 0xffff82d040200000n],
  },
  { symbol: 'xxh64', what: "Xen's xxh64() of 32 KiB", times: 1_800n, args: [BULK, BULK_BYTES, 7n] },
  {
    symbol: '__bitmap_weight',
    what: "Xen's __bitmap_weight() of 32 KiB",
    times: 600n,
    args: [BULK, BULK_BYTES * 8n],
  },
];

/** The calls, or why there are none. */
export function hypervisorCalls(): readonly HypervisorRow[] | string {
  if (!existsSync(IMAGE)) return `Without functions of Xen: make xen-test brings ${IMAGE}.`;
  const image = readXenImage(IMAGE, readFileSync(IMAGE), ({ message }) => {
    throw new Error(message);
  });
  if (image === undefined) throw new Error(`${IMAGE} cannot be read`);
  const machine = new XenMachine(image, { profile: PROFILES['4.17'] });
  const parts = [...partsOf(machine), scratch()];
  return WANTED.map(({ symbol, what, times, args }) => {
    const bytes = loopOf(machine.symbols.local(symbol), args);
    const permissions = Permission.read | Permission.execute;
    const loop: Part = { address: LOOP, size: PAGE_BYTES, bytes, permissions };
    return { name: symbol, what, call: { parts: [...parts, loop], entry: LOOP, rdi: times, rsi: 0n } };
  });
}

/** All pages between the first and the last byte of the hypervisor, those that lie together and are alike as one. */
function partsOf({ memory, extent }: XenMachine): Part[] {
  const parts: Part[] = [];
  const step = BigInt(PAGE_BYTES);
  let end = extent.start & ~(step - 1n);
  while (end < extent.end) {
    const address = end;
    const permissions = memory.permissionsAt(address);
    do end += step;
    while (end < extent.end && memory.permissionsAt(end) === permissions);
    const size = Number(end - address);
    if (permissions !== undefined)
      parts.push({ address, size, bytes: memory.read(address, size), permissions });
  }
  return parts;
}

function scratch(): Part {
  const bytes = new Uint8Array(SCRATCH_BYTES);
  const put = (at: bigint, text: string): void => bytes.set(Buffer.from(`${text}\0`), Number(at - SCRATCH));
  put(FORMAT, '%s has %u pages from %#lx on: %%\n');
  put(NAME, 'the first domain');
  for (let k = 0; k < Number(BULK_BYTES); k++)
    bytes[Number(BULK - SCRATCH) + k] = Math.imul(k, 0x9e3779b1) >>> 13;
  const permissions = Permission.read | Permission.write;
  return { address: SCRATCH, size: SCRATCH_BYTES, bytes, permissions };
}

/** push %rbx; mov %rdi,%rbx; 1: the arguments; xor %eax,%eax; call; dec %rbx; jne 1b; pop %rbx; ret */
function loopOf(entry: bigint, args: readonly bigint[]): Uint8Array {
  const opcodes = ['48bf', '48be', '48ba', '48b9', '49b8', '49b9'];
  const word = (value: bigint): string => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    return bytes.toString('hex');
  };
  const body = `${args.map((value, k) => opcodes[k] + word(value)).join('')}31c049bb${word(entry)}41ffd348ffcb`;
  const back = Buffer.alloc(4);
  back.writeInt32LE(-(body.length / 2 + 6));
  return Uint8Array.from(Buffer.from(`534889fb${body}0f85${back.toString('hex')}5bc3`, 'hex'));
}
