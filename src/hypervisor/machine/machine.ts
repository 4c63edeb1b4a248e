/**
 * A hypervisor that runs, modelled: the linked image in memory, booted, with CPUs, console and heap. It is what the
 * loader (../loader) takes for its hypervisor, and where scenarios call functions.
 */
import type { Device } from '../../emulator/device.js';
import { PlainMachine } from '../../emulator/device.js';
import type { EngineMaker } from '../../emulator/engine.js';
import type { Memory } from '../../emulator/memory.js';
import type { XenImage } from '../../xen/image.js';
import { sectionBytes } from '../../elf/read.js';
import { XenConsole } from '../console.js';
import { XenError } from '../errno.js';
import type { Guest, Range, TextRegion } from '../guest.js';
import { HostDied } from '../host-died.js';
import type { LoaderProfile } from '../profiles.js';
import { bootImage, coreRegion } from './boot.js';
import { cpuInfoLayout } from './cpu-info.js';
import { makeCpus } from './cpus.js';
import type { HostCpu } from './cpus.js';
import { alwaysFeature, announceFeatures } from './features.js';
import { GuestHeap, OutOfMemory } from './heap.js';
import { ImageSymbols } from './image-symbols.js';
import { checkDelimiters, mapImage, protectImage, UnusableImage } from './map-image.js';
import { nopOf } from './nops.js';
import { Runner } from './runner.js';
import type { CallOptions, RunFacts } from './runner.js';
import type { Steps } from '../../run/steps.js';

export interface MachineOptions {
  /** Rules of the loader. */
  readonly profile: LoaderProfile;
  /** Rules of the release that the image is, by which it boots; those of the loader unless given. */
  readonly imageProfile?: LoaderProfile;
  /** 1 unless given. */
  readonly cpus?: number;
  /** Features of the processor beside X86_FEATURE_ALWAYS, as the image numbers them. */
  readonly features?: readonly number[];
  /** The plain machine unless given. */
  readonly device?: Device;
  /** Instead of that of the image. */
  readonly buildId?: Uint8Array;
  /** Whether the hypervisor is a debug build, whose dprintk() speaks. */
  readonly debugBuild?: boolean;
  /** Instructions that are run in all; see Runner. */
  readonly instructions?: number;
  /** Runs what is run often; without it, all is interpreted. */
  readonly engine?: EngineMaker;
}

const PAGE = 4096n;

export class XenMachine implements Guest {
  readonly memory: Memory;
  readonly profile: LoaderProfile;
  readonly console: XenConsole;
  readonly buildId: Uint8Array;
  readonly toolchainNopsAreIdeal = true;
  readonly symbols: ImageSymbols;
  readonly cpus: readonly HostCpu[];
  /** The hypervisor's own bytes, from the first to the last. */
  readonly extent: Range;
  private readonly runner: Runner;
  private readonly heap: GuestHeap;
  private readonly features: ReadonlySet<number>;
  private regions: readonly TextRegion[] = [];
  /** Names addresses outside of the image: set by who knows the payloads. */
  nameBeyond: ((address: bigint) => string | undefined) | undefined;

  /** Throws UnusableImage for one that cannot be mapped, or does not come up. */
  constructor(
    readonly image: XenImage,
    options: MachineOptions,
  ) {
    this.profile = options.profile;
    this.buildId = options.buildId ?? image.buildId;
    this.console = new XenConsole(options.debugBuild ?? false);
    this.symbols = new ImageSymbols(image);
    const device = options.device ?? new PlainMachine();
    const where = (address: bigint): string => this.describe(address);
    const regions = (): readonly TextRegion[] => this.regions;
    const { console, symbols } = this;
    this.runner = new Runner({
      console,
      symbols,
      regions,
      where,
      device,
      instructions: options.instructions,
      engine: options.engine,
    });
    this.memory = this.runner.memory;
    this.extent = mapImage(this.memory, image);
    const end = this.symbols.lookup('__2M_rwdata_end');
    this.heap = new GuestHeap(this.memory, pageAbove(end > this.extent.end ? end : this.extent.end));
    const imageProfile = options.imageProfile ?? options.profile;
    const always = alwaysFeature(this.memory, this.symbols, imageProfile.altInstrSize);
    this.features = new Set([...(always === undefined ? [] : [always]), ...(options.features ?? [])]);
    try {
      this.cpus = this.boot(imageProfile, options.cpus ?? 1);
    } catch (thrown) {
      throw comesNotUp(thrown);
    }
    this.console.clear();
    this.takeFacts();
  }

  private boot(profile: LoaderProfile, count: number): HostCpu[] {
    const { image, memory, symbols } = this;
    checkDelimiters(memory, this.extent, (name) => symbols.lookup(name));
    announceFeatures(memory, symbols, this.features, profile.capabilityWords);
    const text = image.file.sections.find((section) => section.name === '.text');
    const layout = text === undefined ? undefined : cpuInfoLayout(sectionBytes(image.file, text));
    const cpus = makeCpus(memory, this.heap, symbols, { count, layout });
    bootImage(this, symbols, profile, (address, ...args) => void this.runner.call(address, args, cpus[0]));
    protectImage(memory, image);
    const core = coreRegion(symbols);
    if (core !== undefined) this.regions = [core];
    this.runner.intercept();
    return cpus;
  }

  /** Of an image that does not say where its text begins, the sections of that name. */
  get ownText(): readonly Range[] | undefined {
    return this.delimits('_stext', '_etext') ? undefined : this.sectionRanges('.text');
  }

  /** Likewise, without what shares a page with text, which must be left executable. */
  get ownRodata(): readonly Range[] | undefined {
    if (this.delimits('_srodata', '_erodata')) return undefined;
    const text = this.sectionRanges('.text');
    return this.sectionRanges('.rodata').filter((rodata) =>
      text.every(({ start, end }) => pageAbove(end) <= rodata.start || pageAbove(rodata.end) <= start),
    );
  }

  private delimits(start: string, end: string): boolean {
    return this.lookup(start) !== 0n && this.lookup(end) !== 0n;
  }

  /** Sections of a name, or of one that begins with it: .text, .text.cold. */
  private sectionRanges(name: string): Range[] {
    return this.image.file.sections
      .filter((one) => one.name === name || one.name.startsWith(`${name}.`))
      .map(({ sh_addr, sh_size }) => ({ start: sh_addr, end: sh_addr + BigInt(sh_size) }));
  }

  implement(name: string, body: () => bigint): void {
    this.runner.implement(name, body);
  }

  lookup(name: string): bigint {
    return this.symbols.lookup(name);
  }

  hasFeature(feature: number): boolean {
    return this.features.has(feature);
  }

  nop(length: number): Uint8Array {
    return nopOf(length);
  }

  allocatePages(count: number): bigint | undefined {
    return this.heap.takePages(count);
  }

  freePages(address: bigint, count: number): void {
    this.heap.givePages(address, count);
  }

  allocate(bytes: number): bigint {
    try {
      return this.heap.take(bytes);
    } catch (thrown) {
      throw thrown instanceof OutOfMemory ? new XenError('ENOMEM') : thrown;
    }
  }

  free(address: bigint): void {
    this.heap.give(address);
  }

  /**
   * Zeroed memory for what is passed to a function; it counts as taken until memory is restored to a snapshot from
   * before, and `resetScratch` says that it was.
   */
  scratch(bytes: number): bigint {
    return this.heap.takeScratch(bytes);
  }

  resetScratch(): void {
    this.heap.resetScratch();
  }

  registerRegion(region: TextRegion): void {
    this.regions = [...this.regions, region];
  }

  unregisterRegion(region: TextRegion): void {
    this.regions = this.regions.filter((other) => other !== region);
  }

  call(address: bigint, ...args: readonly bigint[]): bigint {
    return this.runner.call(address, args, this.cpus[0]);
  }

  /** The same with a choice of CPU, interrupt flag and limit. */
  callWith(address: bigint, args: readonly bigint[], options: CallOptions): bigint {
    return this.runner.call(address, args, options.cpu ?? this.cpus[0], options);
  }

  /** The same with a pause now and then. */
  callInSteps(address: bigint, args: readonly bigint[], options: CallOptions): Steps<bigint> {
    return this.runner.callInSteps(address, args, options.cpu ?? this.cpus[0], options);
  }

  /** Where CPU 0 is after so many instructions from an address, or at the first one that it cannot execute. */
  follow(from: bigint, instructions: number): bigint {
    return this.runner.follow(from, instructions, this.cpus[0]);
  }

  /** What happened in calls since it was last asked. */
  takeFacts(): RunFacts {
    return this.runner.takeFacts();
  }

  /** Bytes of a range that were executed since their code was last changed; see Memory.executed. */
  executed(range: Range): readonly Range[] {
    return this.memory.executed(range.start, range.end);
  }

  /** As printk() prints %ps: `name`, or `name+0x1/0x20` inside of it. */
  describeAddress(address: bigint): string {
    const own = address >= this.extent.start && address < this.extent.end;
    const found = own ? this.symbols.at(address) : undefined;
    if (found === undefined) return address.toString(16).padStart(16, '0');
    const { name, distance, size } = found;
    return distance === 0n ? name : `${name}+0x${distance.toString(16)}/0x${size.toString(16)}`;
  }

  /** `symbol+0x12`, or the bare address where there is none. */
  describe(address: bigint): string {
    const bare = `0x${address.toString(16)}`;
    if (address < this.extent.start || address >= this.extent.end) {
      const region = this.regions.find(({ text }) => address >= text.start && address < text.end);
      return this.nameBeyond?.(address) ?? (region === undefined ? bare : `${bare} of ${region.owner}`);
    }
    const found = this.symbols.at(address);
    if (found === undefined) return bare;
    return found.distance === 0n ? found.name : `${found.name}+0x${found.distance.toString(16)}`;
  }
}

/** What a hypervisor that does not survive its boot is: an image that is none. */
function comesNotUp(thrown: unknown): unknown {
  if (thrown instanceof HostDied) return new UnusableImage(`it does not come up: ${thrown.reason}`);
  if (thrown instanceof OutOfMemory) return new UnusableImage(`it does not come up: ${thrown.message}`);
  if (thrown instanceof XenError)
    return new UnusableImage(`it does not come up: an alternative cannot be applied (${thrown.errno})`);
  return thrown;
}

function pageAbove(address: bigint): bigint {
  return ((address + PAGE - 1n) / PAGE) * PAGE;
}
