/**
 * A hypervisor and payloads as the loader leaves them, described in a few lines, for checks that only look.
 *
 *   const scene = new HazardScene()
 *     .code('f', 'c3')                                  code of Xen's, in the lines of code-builder.ts
 *     .payload('p', { text: { new_f: ['call f', 'c3'] }, records: [{ old: 'f', new: 'new_f' }] });
 *   findHazards(scene.subject());
 *
 * Branches lead to names, of the payload itself, of those below or of Xen: `call f`, `jmp f+5`, `jmp 0x1234`.
 */
import { Memory } from '../../src/emulator/memory.js';
import { PAGE_BYTES, Permission } from '../../src/emulator/page.js';
import * as c from '../../src/elf/constants.js';
import type { LoadedFunction, LoadedPayload, LoadedSection } from '../../src/hypervisor/payload.js';
import type { PayloadSymbol, PerformedRelocation } from '../../src/hypervisor/payload.js';
import { PROFILES } from '../../src/hypervisor/profiles.js';
import type { ProfileName } from '../../src/hypervisor/profiles.js';
import type { HazardSubject } from '../../src/atlas/subject.js';
import { readXenImage } from '../../src/xen/image.js';
import type { XenImage } from '../../src/xen/image.js';
import { buildCode } from './code-builder.js';
import type { CodeField } from './code-builder.js';
import { sceneSplice } from './scene-splices.js';
import type { SceneSplice } from './scene-splices.js';
import { ElfBuilder, patchedHeader, patchedSection } from './elf-builder.js';

const IMAGE = 0xffff_82d0_4020_0000n;
const PAYLOADS = 0xffff_82d0_4080_0000n;
const NOP = 0x90;

/** Sections of the image, in the order of their addresses, 64 KiB apart. */
const SECTIONS = ['.text', '.rodata', '.init.text', '.init.data', '.data'] as const;
type ImageSection = (typeof SECTIONS)[number];
const SECTION_BYTES = 0x1_0000n;

export interface SceneRecord {
  readonly old: string;
  /** NOPs without it. */
  readonly new?: string;
  readonly oldSize?: number;
  readonly newSize?: number;
}

export interface SceneSection {
  readonly name: string;
  readonly bytes: readonly number[];
  /** SHF_ALLOC without it. */
  readonly flags?: number;
}

/** A field of `width` bytes, filled as a relocation of that kind fills it: S + A is where `to` is, and the addend. */
export interface SceneReference {
  readonly section: string;
  readonly at: number;
  readonly to: string;
  readonly kind: 'pointer' | 'distance';
  readonly addend?: number;
  /** What the relocation is against; `to` without its distance otherwise. */
  readonly symbol?: string;
}

export interface SceneParts {
  /** Functions in sections of their own: `new_f` in `.text.new_f`. */
  readonly text?: Readonly<Record<string, readonly string[]>>;
  readonly records?: readonly SceneRecord[];
  readonly sections?: readonly SceneSection[];
  readonly references?: readonly SceneReference[];
  readonly symbols?: readonly { readonly name: string; readonly section: string; readonly value: number }[];
  readonly safeToReapply?: boolean;
  /** Called when the payload has its place. */
  readonly splices?: (resolve: (name: string) => bigint) => readonly SceneSplice[];
}

interface Piece {
  readonly at: bigint;
  readonly fields: readonly CodeField[];
}

interface Draft {
  readonly bytes: number[];
  readonly at: bigint;
}

export class HazardScene {
  private readonly names = new Map<string, bigint>();
  private readonly sizes = new Map<string, number>();
  private readonly symbols: { name: string; section: ImageSection; size: number; type: number }[] = [];
  private readonly sections: Record<ImageSection, Draft>;
  private readonly pieces: Piece[] = [];
  private readonly memory = new Memory(8 << 20);
  private readonly stack: LoadedPayload[] = [];
  private next = PAYLOADS;
  private made: XenImage | undefined;

  constructor(private readonly profile: ProfileName = '4.17') {
    const draft = (k: number): Draft => ({ bytes: [], at: IMAGE + BigInt(k) * SECTION_BYTES });
    this.sections = {
      '.text': draft(0),
      '.rodata': draft(1),
      '.init.text': draft(2),
      '.init.data': draft(3),
      '.data': draft(4),
    };
  }

  /** A function with its size, padded to 16 bytes as compilers do. */
  code(name: string, ...lines: readonly string[]): this {
    return this.add(name, '.text', lines, c.STT_FUNC, true);
  }

  /** Code right behind what was added last, without a symbol. */
  nameless(...lines: readonly string[]): this {
    return this.add('', '.text', lines, c.STT_FUNC, false);
  }

  /** Code of assembly that begins at a label. */
  label(name: string, ...lines: readonly string[]): this {
    return this.add(name, '.text', lines, c.STT_NOTYPE, true);
  }

  boot(name: string, ...lines: readonly string[]): this {
    return this.add(name, '.init.text', lines, c.STT_FUNC, true);
  }

  data(name: string, section: ImageSection, bytes: readonly number[]): this {
    return this.add(name, section, [Buffer.from(bytes).toString('hex')], c.STT_OBJECT, true);
  }

  /** The exception table: where each fault happens and where it goes on. */
  exceptions(...entries: readonly (readonly [at: string, to: string])[]): this {
    const start = this.end('.rodata');
    const bytes = entries.flatMap(([at, to], k) => {
      const field = start + BigInt(8 * k);
      return [...int32(this.resolve(at) - field), ...int32(this.resolve(to) - field - 4n)];
    });
    this.label32('__start___ex_table');
    this.sections['.rodata'].bytes.push(...bytes);
    return this.label32('__stop___ex_table');
  }

  /** Puts a payload on top. */
  payload(name: string, parts: SceneParts): this {
    this.made ??= this.makeImage();
    this.stack.push(new PayloadMaker(this, this.memory, this.next, name, parts).make());
    this.next += 0x1_0000n;
    return this;
  }

  subject(): HazardSubject {
    this.made ??= this.makeImage();
    return {
      image: this.made,
      stack: this.stack,
      memory: this.memory,
      profile: PROFILES[this.profile],
    };
  }

  /** Where a name is, with its distance; of the payloads, the newest that has it. */
  resolve(text: string): bigint {
    const [, name, distance] = /^(.*?)([+-]0x[0-9a-f]+|[+-]\d+)?$/.exec(text) ?? [];
    const plus =
      distance === undefined ? 0n : BigInt(distance.slice(1)) * (distance.startsWith('-') ? -1n : 1n);
    if (name.startsWith('0x')) return BigInt(name) + plus;
    const owner = this.stack.flatMap(({ symbols }) => symbols).findLast((symbol) => symbol.name === name);
    const found = owner?.address ?? this.names.get(name);
    if (found === undefined) throw new Error(`HazardScene: there is no ${name}`);
    return found + plus;
  }

  sizeOf(name: string): number {
    return this.sizes.get(name) ?? 0;
  }

  private end(section: ImageSection): bigint {
    const { bytes, at } = this.sections[section];
    return at + BigInt(bytes.length);
  }

  private label32(name: string): this {
    this.names.set(name, this.end('.rodata'));
    this.symbols.push({ name, section: '.rodata', size: 0, type: c.STT_NOTYPE });
    return this;
  }

  private add(
    name: string,
    section: ImageSection,
    lines: readonly string[],
    type: number,
    aligned: boolean,
  ): this {
    const { bytes } = this.sections[section];
    while (aligned && bytes.length % 16 !== 0) bytes.push(NOP);
    const code = buildCode(...lines);
    const at = this.end(section);
    this.pieces.push({ at, fields: code.fields });
    bytes.push(...code.bytes);
    if (name === '') return this;
    const size = type === c.STT_NOTYPE ? 0 : code.bytes.length;
    this.names.set(name, at);
    this.sizes.set(name, size);
    this.symbols.push({ name, section, size, type });
    return this;
  }

  private makeImage(): XenImage {
    for (const { at, fields } of this.pieces)
      for (const field of fields) this.fill(at + BigInt(field.at), field.name);
    const note = [4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4e, 0x55, 0, 1, 2, 3, 4];
    const builder = new ElfBuilder();
    for (const name of SECTIONS) {
      const executable = name === '.text' || name === '.init.text';
      const flags = c.SHF_ALLOC | (executable ? c.SHF_EXECINSTR : c.SHF_WRITE);
      builder.section(name, this.sections[name].bytes, { flags, align: 16 });
    }
    builder.section('.note.gnu.build-id', note, { type: c.SHT_NOTE, align: 4, flags: 0 });
    for (const { name, section, size, type } of this.symbols)
      builder.symbol(name, { section, size, type, value: this.resolve(name) });
    let bytes = patchedHeader(builder.bytes(), 'e_type', c.ET_EXEC);
    for (const name of SECTIONS) bytes = patchedSection(bytes, name, 'sh_addr', this.sections[name].at);
    const image = readXenImage('xen-syms', bytes, (found) => {
      throw new Error(found.message);
    });
    if (image === undefined) throw new Error('HazardScene: no image');
    return image;
  }

  private fill(at: bigint, to: string): void {
    for (const { at: start, bytes } of Object.values(this.sections)) {
      const from = Number(at - start);
      if (from >= 0 && from + 4 <= bytes.length) bytes.splice(from, 4, ...int32(this.resolve(to) - at - 4n));
    }
  }
}

/** Lays a payload out as the loader does: text, data and constants, each on pages of its own. */
class PayloadMaker {
  private readonly sections: LoadedSection[] = [];
  private readonly symbols: PayloadSymbol[] = [];
  private readonly relocations: PerformedRelocation[] = [];
  private readonly fields: { readonly section: string; readonly field: CodeField }[] = [];
  private readonly records: LoadedFunction[] = [];

  constructor(
    private readonly scene: HazardScene,
    private readonly memory: Memory,
    private readonly base: bigint,
    private readonly name: string,
    private readonly parts: SceneParts,
  ) {
    memory.map(base, 4 * PAGE_BYTES, Permission.read | Permission.write | Permission.execute);
  }

  make(): LoadedPayload {
    const { parts, base } = this;
    const { text = {}, sections = [], records = [] } = parts;
    for (const [name, lines] of Object.entries(text)) {
      const { bytes, fields } = buildCode(...lines);
      const section = `.text.${name}`;
      this.place({ name: section, bytes: [...bytes], flags: c.SHF_ALLOC | c.SHF_EXECINSTR }, 0);
      this.addSymbol(name, section, 0, bytes.length);
      this.fields.push(...fields.map((field) => ({ section, field })));
    }
    const textEnd = this.endOf(0);
    for (const section of sections) this.place(section, ((section.flags ?? 0) & c.SHF_WRITE) === 0 ? 2 : 1);
    for (const { name, section, value } of parts.symbols ?? []) this.addSymbol(name, section, value, 4);
    const funcs = { name: '.livepatch.funcs', bytes: new Array<number>(104 * records.length).fill(0) };
    if (records.length > 0) this.place(funcs, 2);
    for (const { section, field } of this.fields)
      this.relocate({ section, at: field.at, to: field.name, kind: 'distance', addend: -4 });
    for (const reference of parts.references ?? []) this.relocate(reference);
    for (const [k, record] of records.entries()) this.addRecord(record, k);
    const at = (page: number): bigint => base + BigInt(page * PAGE_BYTES);
    return {
      name: this.name,
      sections: this.sections,
      text: { start: base, end: textEnd },
      rw: { start: at(1), end: this.endOf(1) },
      ro: { start: at(2), end: this.endOf(2) },
      pages: 4,
      safeToReapply: parts.safeToReapply ?? true,
      functions: this.records,
      splices: (parts.splices?.((name) => this.resolve(name)) ?? []).map((one) =>
        sceneSplice(one, base, (name) => this.resolve(name)),
      ),
      hooks: new Map(),
      buildId: Uint8Array.of(1),
      depends: Uint8Array.of(2),
      xenDepends: undefined,
      metadata: undefined,
      region: this.region(textEnd),
      symbols: this.symbols,
      relocations: this.relocations,
    };
  }

  private region(textEnd: bigint): LoadedPayload['region'] {
    const table = (name: string): { address: bigint; count: number } => {
      const found = this.sections.find((section) => section.name === name);
      return { address: found?.address ?? 0n, count: (found?.size ?? 0) / 8 };
    };
    const exTable = table('.ex_table');
    return {
      owner: this.name,
      text: { start: this.base, end: textEnd },
      bugFrames: [0, 1, 2, 3].map((kind) => table(`.bug_frames.${String(kind)}`)),
      exTable: exTable.count === 0 ? undefined : exTable,
    };
  }

  private endOf(page: number): bigint {
    const start = this.base + BigInt(page * PAGE_BYTES);
    const limit = start + BigInt(page === 2 ? 2 * PAGE_BYTES : PAGE_BYTES);
    return this.sections.reduce((end, { address, size }) => {
      const last = address + BigInt(size);
      return address >= start && address < limit && last > end ? last : end;
    }, start);
  }

  private place({ name, bytes, flags = c.SHF_ALLOC }: SceneSection, page: number): void {
    const address = (this.endOf(page) + 15n) & ~15n;
    this.memory.write(address, Uint8Array.from(bytes));
    this.sections.push({
      index: this.sections.length + 1,
      name,
      address,
      size: bytes.length,
      sh_flags: flags,
    });
  }

  private addressOf(section: string): bigint {
    const found = this.sections.find(({ name }) => name === section);
    if (found === undefined) throw new Error(`HazardScene: there is no section ${section}`);
    return found.address;
  }

  private addSymbol(name: string, section: string, value: number, size: number): void {
    this.symbols.push({ name, address: this.addressOf(section) + BigInt(value), size, isNew: true });
  }

  private resolve(text: string): bigint {
    const [name, distance = '0'] = text.split('+');
    const own = this.symbols.find((symbol) => symbol.name === name);
    return own === undefined ? this.scene.resolve(text) : own.address + BigInt(distance);
  }

  private relocate({ section, at, to, kind, addend = 0, symbol }: SceneReference): void {
    const field = this.addressOf(section) + BigInt(at);
    const target = this.resolve(to) + BigInt(addend);
    const bytes = kind === 'pointer' ? int64(target) : int32(target - field);
    const type = kind === 'pointer' ? c.R_X86_64_64 : c.R_X86_64_PC32;
    const width = kind === 'pointer' ? 8 : 4;
    this.memory.write(field, Uint8Array.from(bytes));
    this.relocations.push({ at: field, width, type, target, symbol: symbol ?? to.split(/[+-]/)[0] });
  }

  private addRecord(record: SceneRecord, k: number): void {
    const newSize = record.newSize ?? 16;
    this.records.push({
      at: this.addressOf('.livepatch.funcs') + BigInt(104 * k),
      name: record.old.split('+')[0],
      oldAddress: this.resolve(record.old),
      newAddress: record.new === undefined ? 0n : this.resolve(record.new),
      oldSize: record.oldSize ?? this.scene.sizeOf(record.old),
      newSize,
    });
  }
}

function int32(value: bigint): number[] {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(Number(BigInt.asIntN(32, value)));
  return [...bytes];
}

function int64(value: bigint): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, value));
  return [...bytes];
}
