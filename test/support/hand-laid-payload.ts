/**
 * A guest of plain memory and payloads laid out in it by hand, so that what the hypercalls do can be tested without
 * the loader and without a processor: hooks are functions of the test, under addresses that nothing executes.
 *
 *   text of Xen    0xffff82d040200000  two pages, code of which only the bytes matter
 *   rodata, data   the pages behind
 *   payloads       from 0xffff82d040800000: text, rw, ro, each from a new page
 *   heap           0xffff830000000000
 */
import { Memory } from '../../src/emulator/memory.js';
import { PAGE_BYTES, Permission } from '../../src/emulator/page.js';
import { XenConsole } from '../../src/hypervisor/console.js';
import { XenError } from '../../src/hypervisor/errno.js';
import type { Guest, TextRegion } from '../../src/hypervisor/guest.js';
import { LivePatching, quietScenario } from '../../src/hypervisor/livepatch.js';
import type { PayloadLoader } from '../../src/hypervisor/livepatch.js';
import { Processors } from '../../src/hypervisor/processors.js';
import type { Activity } from '../../src/hypervisor/processors.js';
import type { LoadedPayload, LoadedSection } from '../../src/hypervisor/payload.js';
import { PROFILES } from '../../src/hypervisor/profiles.js';
import type { HookKind, LoaderProfile } from '../../src/hypervisor/profiles.js';

const { read, write, execute } = Permission;

export const XEN_TEXT = 0xffff82d040200000n;
export const XEN_RODATA = 0xffff82d040202000n;
export const XEN_DATA = 0xffff82d040203000n;
const PAYLOADS = 0xffff82d040800000n;
const HEAP = 0xffff830000000000n;
const HEAP_BYTES = 16 * PAGE_BYTES;

/** The processor's NOPs of 1 to 9 bytes, as the SDM recommends them (vol. 2, NOP). */
const NOPS = [
  '90',
  '6690',
  '0f1f00',
  '0f1f4000',
  '0f1f440000',
  '660f1f440000',
  '0f1f8000000000',
  '0f1f840000000000',
  '660f1f840000000000',
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));

/** What a hook of a test does; what it returns is rax. */
export type HookScript = (...args: readonly bigint[]) => bigint | number;

export interface Call {
  readonly address: bigint;
  readonly args: readonly bigint[];
}

export class HandLaidGuest implements Guest {
  readonly memory = new Memory(4 << 20);
  readonly console: XenConsole;
  readonly toolchainNopsAreIdeal = false;
  buildId: Uint8Array | undefined = buildIdOf('xen');
  readonly scripts = new Map<bigint, HookScript>();
  readonly calls: Call[] = [];
  readonly regions: TextRegion[] = [];
  /** Blocks of the heap that were not freed. */
  readonly blocks = new Set<bigint>();
  private heapEnd = HEAP;
  private pagesEnd = PAYLOADS;
  private readonly symbols = new Map<string, bigint>([
    ['_stext', XEN_TEXT],
    ['_etext', XEN_TEXT + 0x1ff0n],
    ['_srodata', XEN_RODATA],
    ['_erodata', XEN_RODATA + 0x800n],
    ['common/livepatch.c#payload_list', XEN_DATA + 0x100n],
    ['common/livepatch.c#applied_list', XEN_DATA + 0x110n],
  ]);

  constructor(
    readonly profile: LoaderProfile = PROFILES['4.17'],
    debugBuild = false,
  ) {
    this.console = new XenConsole(debugBuild);
    this.memory.map(XEN_TEXT, 2 * PAGE_BYTES, read | execute);
    this.memory.write(
      XEN_TEXT,
      Uint8Array.from({ length: 2 * PAGE_BYTES }, (_, k) => (k * 7 + (k >> 8)) & 0xff),
    );
    this.memory.map(XEN_RODATA, PAGE_BYTES, read);
    this.memory.map(XEN_DATA, PAGE_BYTES, read | write);
    this.memory.map(HEAP, HEAP_BYTES, read | write);
  }

  lookup(name: string): bigint {
    return this.symbols.get(name) ?? 0n;
  }

  hasFeature(): boolean {
    return false;
  }

  nop(length: number): Uint8Array {
    if (length < 1 || length > NOPS.length) throw new RangeError(`there is no NOP of ${length} bytes`);
    return NOPS[length - 1];
  }

  allocatePages(count: number): bigint {
    const address = this.pagesEnd;
    this.memory.map(address, count * PAGE_BYTES, read | write);
    this.pagesEnd += BigInt((count + 1) * PAGE_BYTES);
    return address;
  }

  freePages(address: bigint, count: number): void {
    this.memory.unmap(address, count * PAGE_BYTES);
  }

  allocate(bytes: number): bigint {
    const address = this.heapEnd;
    this.heapEnd += BigInt(Math.ceil(bytes / 16) * 16);
    if (this.heapEnd > HEAP + BigInt(HEAP_BYTES)) throw new Error('the heap of the test is full');
    this.blocks.add(address);
    return address;
  }

  free(address: bigint): void {
    if (!this.blocks.delete(address)) throw new Error('freed what was not allocated');
  }

  registerRegion(region: TextRegion): void {
    this.regions.push(region);
  }

  unregisterRegion(region: TextRegion): void {
    const at = this.regions.indexOf(region);
    if (at < 0) throw new Error(`the region of ${region.owner} is not registered`);
    this.regions.splice(at, 1);
  }

  call(address: bigint, ...args: readonly bigint[]): bigint {
    this.calls.push({ address, args });
    const script = this.scripts.get(address);
    if (script === undefined) throw new Error(`no script for 0x${address.toString(16)}`);
    return BigInt.asUintN(64, BigInt(script(...args)));
  }

  /** Bytes and permissions of all that is mapped but the heap and the data of Xen, where the loader keeps its books. */
  image(): string {
    const pages: string[] = [];
    for (let at = XEN_TEXT; at < this.pagesEnd; at += BigInt(PAGE_BYTES)) {
      const permissions = this.memory.permissionsAt(at);
      if (permissions === undefined || at === XEN_DATA) continue;
      const bytes = Buffer.from(this.memory.read(at, PAGE_BYTES)).toString('base64');
      pages.push(`${at.toString(16)} ${permissions} ${bytes}`);
    }
    return pages.join('\n');
  }
}

/** 20 bytes that are told apart by a word. */
export function buildIdOf(word: string): Uint8Array {
  return Uint8Array.from({ length: 20 }, (_, k) => word.charCodeAt(k % word.length) + k);
}

export interface PlannedFunction {
  readonly name: string;
  readonly oldAddress: bigint;
  /** 0n: NOPs. Left out: somewhere in the payload's text. */
  readonly newAddress?: bigint;
  readonly newSize?: number;
  readonly oldSize?: number;
  /** Bit 0, 1 to 5 and 6 to 7 of its first byte, then the bytes. */
  readonly expect?: { readonly len: number; readonly rsv?: number; readonly data: Uint8Array };
}

export interface Plan {
  readonly functions?: readonly PlannedFunction[];
  /** Addresses of hooks, in order. */
  readonly hooks?: Partial<Record<HookKind, readonly bigint[]>>;
  readonly metadata?: readonly string[];
  /** Words of build ids; `xen` and its own name when left out. */
  readonly depends?: string;
  readonly id?: string;
  /** `.livepatch.funcs` is writable. */
  readonly writableFunctions?: boolean;
  /** It has other writable data, so it cannot be applied again. */
  readonly data?: boolean;
  /** Text is not registered with these many bug frames. */
  readonly bugFrames?: number;
}

/** Lays payloads out as they were planned under their names; the bytes of the file do not matter. */
export class HandLaidLoader implements PayloadLoader {
  readonly plans = new Map<string, Plan>();
  /** What each load was told is there. */
  readonly told: string[][] = [];

  loadPayload(guest: Guest, loaded: readonly LoadedPayload[], name: string): LoadedPayload {
    this.told.push(loaded.map((payload) => payload.name));
    const plan = this.plans.get(name);
    if (plan === undefined) throw new XenError('EINVAL');
    const payload = layOut(guest, name, plan);
    if (guest.profile.regionFrom === 'upload') guest.registerRegion(payload.region);
    return payload;
  }

  unloadPayload(guest: Guest, { text, pages, region }: LoadedPayload): void {
    if (guest.profile.regionFrom === 'upload') guest.unregisterRegion(region);
    guest.freePages(text.start, pages);
  }
}

function layOut(guest: Guest, name: string, plan: Plan): LoadedPayload {
  const { memory, profile } = guest;
  const start = guest.allocatePages(3) ?? 0n;
  const page = BigInt(PAGE_BYTES);
  const text = { start, end: start + 0x100n };
  const rw = { start: start + page, end: start + page + 0x800n };
  const ro = { start: start + 2n * page, end: start + 3n * page };
  memory.write(start, new Uint8Array(0x100).fill(0xc3));
  const sections: LoadedSection[] = [];
  const ends = { rw: rw.start, ro: ro.start };
  const place = (section: string, bytes: Uint8Array, where: 'rw' | 'ro'): bigint => {
    const address = ends[where];
    memory.write(address, bytes);
    ends[where] += BigInt(Math.ceil(bytes.length / 16) * 16);
    sections.push({ index: sections.length + 1, name: section, address, size: bytes.length, sh_flags: 2 });
    return address;
  };
  const strings = new Map(
    (plan.functions ?? []).map((f) => [f.name, place('.rodata.str', Buffer.from(`${f.name}\0`), 'ro')]),
  );
  const functions = (plan.functions ?? []).map((f, k) => ({
    name: f.name,
    nameAt: f.name === '' ? 0n : (strings.get(f.name) ?? 0n),
    oldAddress: f.oldAddress,
    newAddress: f.newAddress ?? start + BigInt(16 * k),
    oldSize: f.oldSize ?? 64,
    newSize: f.newSize ?? 16,
    expect: f.expect,
  }));
  const { recordSize, sectionPrefix } = profile.abi;
  const records = Buffer.concat(functions.map((f) => record(f, recordSize, profile.abi.recordVersion)));
  const at = place(`${sectionPrefix}.funcs`, records, plan.writableFunctions === true ? 'rw' : 'ro');
  const hooks = new Map(
    Object.entries(plan.hooks ?? {}).map(([kind, addresses]) => {
      const bytes = new Uint8Array(BigUint64Array.from(addresses).buffer);
      const address = place(`${sectionPrefix}.hooks.${kind}`, bytes, 'ro');
      return [kind as HookKind, { address, count: addresses.length }] as const;
    }),
  );
  const buildId = buildIdOf(plan.id ?? name);
  const depends = buildIdOf(plan.depends ?? 'xen');
  place('.note.gnu.build-id', note(buildId), 'ro');
  place(`${sectionPrefix}.depends`, note(depends), 'ro');
  if (profile.abi.xenDepends) place(`${sectionPrefix}.xen_depends`, note(buildIdOf('xen')), 'ro');
  const modinfo = Buffer.from((plan.metadata ?? []).map((s) => `${s}\0`).join(''), 'latin1');
  const metadata =
    plan.metadata === undefined
      ? undefined
      : { address: place('.modinfo', modinfo, 'ro'), length: modinfo.length };
  const frames = { address: ends.ro, count: plan.bugFrames ?? 0 };
  memory.protect(start, PAGE_BYTES, read | execute);
  memory.protect(ro.start, PAGE_BYTES, read);
  return {
    name,
    sections,
    text,
    rw,
    ro,
    pages: 3,
    safeToReapply: plan.data !== true,
    splices: [],
    functions: functions.map((f, k) => ({ ...f, at: at + BigInt(recordSize * k) })),
    hooks,
    buildId,
    depends,
    xenDepends: profile.abi.xenDepends ? buildIdOf('xen') : undefined,
    metadata,
    region: { owner: name, text, bugFrames: [frames], exTable: { address: ends.ro, count: 1 } },
    bss: [{ start: rw.start + 0x400n, end: rw.start + 0x420n }],
    symbols: [
      { name: `${name}_new`, address: start, size: 16, isNew: true },
      { name: 'f', address: start + 16n, size: 8, isNew: false },
    ],
    relocations: [],
  };
}

interface RecordFields {
  readonly nameAt: bigint;
  readonly oldAddress: bigint;
  readonly newAddress: bigint;
  readonly oldSize: number;
  readonly newSize: number;
  readonly expect: PlannedFunction['expect'];
}

function record(f: RecordFields, size: number, version: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  bytes.writeBigUInt64LE(f.nameAt, 0);
  bytes.writeBigUInt64LE(f.newAddress, 8);
  bytes.writeBigUInt64LE(f.oldAddress, 16);
  bytes.writeUInt32LE(f.newSize, 24);
  bytes.writeUInt32LE(f.oldSize, 28);
  bytes[32] = version;
  if (f.expect !== undefined) {
    bytes[72] = 1 | (f.expect.len << 1) | ((f.expect.rsv ?? 0) << 6);
    bytes.set(f.expect.data, 73);
  }
  return bytes;
}

function note(description: Uint8Array): Uint8Array {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(4, 0);
  header.writeUInt32LE(description.length, 4);
  header.writeUInt32LE(3, 8);
  header.write('GNU\0', 12);
  return Buffer.concat([header, description]);
}

export interface Host {
  readonly guest: HandLaidGuest;
  readonly loader: HandLaidLoader;
  readonly xen: LivePatching;
}

/** A hypervisor of a profile, with payloads to upload by name; `processors`: what each does. */
export function layHost(
  plans: Readonly<Record<string, Plan>>,
  {
    profile = PROFILES['4.17'],
    debugBuild = false,
    activities = [{ kind: 'idle' }],
  }: {
    readonly profile?: LoaderProfile;
    readonly debugBuild?: boolean;
    readonly activities?: readonly Activity[];
  } = {},
): Host {
  const guest = new HandLaidGuest(profile, debugBuild);
  const loader = new HandLaidLoader();
  for (const [name, plan] of Object.entries(plans)) loader.plans.set(name, plan);
  const xen = new LivePatching(guest, loader, quietScenario(new Processors(activities)));
  return { guest, loader, xen };
}

/** Uploads all that was planned, in order; throws when one is refused. */
export function uploadAll({ loader, xen }: Host): void {
  for (const name of loader.plans.keys()) {
    const { rc } = xen.upload(name, Uint8Array.of(0));
    if (rc !== 0) throw new Error(`${name} was refused: ${rc}`);
  }
}

/** A function of Xen to patch: `k` tells them apart. */
export function oldFunction(k: number): bigint {
  return XEN_TEXT + BigInt(0x100 + 0x40 * k);
}
