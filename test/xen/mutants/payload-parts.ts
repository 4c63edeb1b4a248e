/**
 * What payloads of our own writing consist of: code with its strings, records of functions, notes, bug frames,
 * entries of the other tables, each with the relocations that it needs. See own-payloads.ts for what is made of them.
 */
import * as c from '../../../src/elf/constants.js';
import { NAME_FIELD, NEW_ADDR_FIELD } from '../../../src/xen/function-records.js';
import { ABIS } from '../../../src/xen/versions.js';
import { buildCode } from '../../support/code-builder.js';
import type { BuiltCode } from '../../support/code-builder.js';
import { ElfBuilder } from '../../support/elf-builder.js';

export const STRINGS = '.rodata.str';
export const TEXT = '.text';
export const FUNCS = '.livepatch.funcs';
export const OWN_ID = '.note.gnu.build-id';
export const DEPENDS = '.livepatch.depends';
export const XEN_DEPENDS = '.livepatch.xen_depends';

/** struct livepatch_func, version 2. */
export const RECORD = {
  name: 0,
  new_addr: 8,
  old_addr: 16,
  new_size: 24,
  old_size: 28,
  version: 32,
  expect: 72,
  size: ABIS['livepatch-v2'].recordSize,
} as const;

export interface Record {
  readonly name: string;
  /** Without one, the old function is filled with NOPs. */
  readonly replacement?: { readonly symbol: string };
  readonly newSize: number;
  readonly oldSize: number;
  readonly expect?: readonly number[];
}

/** A payload in the making: an ElfBuilder that knows where strings and labels are. */
export class PayloadParts {
  readonly elf = new ElfBuilder();
  private readonly texts: readonly string[];

  /** `texts` are all strings that code, records and frames speak of. */
  constructor(texts: readonly string[]) {
    this.texts = texts;
    this.elf.symbol('mutant.c', { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL });
    this.elf.strings(STRINGS, ...texts);
    this.elf.symbol('.LC0', { section: STRINGS, bind: c.STB_LOCAL });
  }

  stringAt(text: string): number {
    const before = this.texts.slice(0, this.texts.indexOf(text));
    if (!this.texts.includes(text)) throw new Error(`no string ${text}`);
    return before.reduce((sum, one) => sum + one.length + 1, 0);
  }

  /** A section of code (see code-builder.ts); each of `functions` begins at the label of its name. */
  code(section: string, functions: readonly string[], ...lines: readonly string[]): BuiltCode {
    const built = buildCode(...lines);
    this.elf.text(section, built.bytes);
    const starts = functions.map((name) => labelled(built, `.${name}`));
    functions.forEach((name, k) => {
      const size = (starts[k + 1] ?? built.bytes.length) - starts[k];
      this.elf.symbol(name, { section, type: c.STT_FUNC, value: starts[k], size });
    });
    for (const { at, kind, name } of built.fields) {
      if (kind === 'branch') this.elf.rela(section, at, c.R_X86_64_PLT32, name, -4);
      else this.elf.rela(section, at, c.R_X86_64_PC32, { section: STRINGS }, this.stringAt(name) - 4);
    }
    return built;
  }

  records(...records: readonly Record[]): void {
    const bytes = new Uint8Array(records.length * RECORD.size);
    const view = new DataView(bytes.buffer);
    records.forEach((record, k) => {
      const at = k * RECORD.size;
      view.setUint32(at + RECORD.new_size, record.newSize, true);
      view.setUint32(at + RECORD.old_size, record.oldSize, true);
      view.setUint8(at + RECORD.version, 2);
      if (record.expect === undefined) return;
      view.setUint8(at + RECORD.expect, 1 | (record.expect.length << 1));
      bytes.set(record.expect, at + RECORD.expect + 1);
    });
    this.elf.section(FUNCS, bytes, { align: 8 });
    records.forEach((record, k) => {
      const at = k * RECORD.size;
      const name = this.stringAt(record.name);
      this.elf.rela(FUNCS, at + NAME_FIELD, c.R_X86_64_64, { section: STRINGS }, name);
      if (record.replacement === undefined) return;
      this.elf.rela(FUNCS, at + NEW_ADDR_FIELD, c.R_X86_64_64, record.replacement.symbol);
    });
  }

  hook(kind: string, ...functions: readonly string[]): void {
    const section = `.livepatch.hooks.${kind}`;
    this.elf.section(section, new Uint8Array(functions.length * 8), { align: 8 });
    functions.forEach((name, k) => this.elf.rela(section, k * 8, c.R_X86_64_64, name));
  }

  note(section: string, buildId: Uint8Array): void {
    this.elf.section(section, buildIdNote(buildId), { type: c.SHT_NOTE, align: 4 });
  }

  /** Frames of one kind: an instruction, a line below 128, what it points to, and the message of an assertion. */
  bugFrames(kind: 0 | 1 | 2 | 3, frames: readonly BugFrame[]): void {
    const section = `.bug_frames.${String(kind)}`;
    const size = kind === 3 ? 16 : 8;
    this.elf.section(section, new Uint8Array(frames.length * size), { align: 4 });
    frames.forEach(({ instruction, line, file, calls, message }, k) => {
      const at = k * size;
      this.elf.rela(section, at, c.R_X86_64_PC32, { section: TEXT }, instruction);
      const high = line * 2 ** 24 + 4;
      if (calls !== undefined) this.elf.rela(section, at + 4, c.R_X86_64_PC32, calls, high);
      if (file !== undefined)
        this.elf.rela(section, at + 4, c.R_X86_64_PC32, { section: STRINGS }, this.stringAt(file) + high);
      if (message === undefined) return;
      const text = this.stringAt(message) + 12;
      this.elf.rela(section, at + 12, c.R_X86_64_PC32, { section: STRINGS }, text);
    });
  }

  /** Where a fault is expected, and where it goes on; in bytes of the text. */
  exTable(...entries: readonly { readonly fault: number; readonly goesOn: number }[]): void {
    this.elf.section('.ex_table', new Uint8Array(entries.length * 8), { align: 4 });
    entries.forEach(({ fault, goesOn }, k) => {
      this.elf.rela('.ex_table', k * 8, c.R_X86_64_PC32, { section: TEXT }, fault);
      this.elf.rela('.ex_table', k * 8 + 4, c.R_X86_64_PC32, { section: TEXT }, goesOn);
    });
  }

  alternatives(section: string, ...entries: readonly Alternative[]): void {
    const bytes = new Uint8Array(entries.length * ALTERNATIVE.size);
    const view = new DataView(bytes.buffer);
    entries.forEach((entry, k) => {
      const at = k * ALTERNATIVE.size;
      view.setUint16(at + ALTERNATIVE.cpuid, entry.feature, true);
      bytes.set([entry.original, entry.length, entry.padding], at + ALTERNATIVE.orig_len);
    });
    this.elf.section('.altinstructions', bytes, { align: 1 });
    entries.forEach((entry, k) => {
      const at = k * ALTERNATIVE.size;
      this.elf.rela('.altinstructions', at, c.R_X86_64_PC32, { section: TEXT }, entry.at);
      this.elf.rela('.altinstructions', at + 4, c.R_X86_64_PC32, { section }, entry.replacement);
    });
  }
}

export interface BugFrame {
  /** Bytes into the text. */
  readonly instruction: number;
  readonly line: number;
  readonly file?: string;
  readonly calls?: string;
  readonly message?: string;
}

/** struct alt_instr since 4.11. */
export const ALTERNATIVE = {
  orig_offset: 0,
  repl_offset: 4,
  cpuid: 8,
  orig_len: 10,
  repl_len: 11,
  pad_len: 12,
  size: 14,
} as const;

export interface Alternative {
  /** Bytes into the text, and into the section of replacements. */
  readonly at: number;
  readonly replacement: number;
  readonly feature: number;
  readonly original: number;
  readonly length: number;
  readonly padding: number;
}

/** A GNU build-id note: namesz, descsz, type, "GNU", desc. */
export function buildIdNote(buildId: Uint8Array): Uint8Array {
  return Uint8Array.from([
    4,
    0,
    0,
    0,
    buildId.length,
    0,
    0,
    0,
    c.NT_GNU_BUILD_ID,
    0,
    0,
    0,
    0x47,
    0x4e,
    0x55,
    0,
    ...buildId,
  ]);
}

export function labelled(code: BuiltCode, label: string): number {
  const at = code.labels.get(label);
  if (at === undefined) throw new Error(`no label ${label}`);
  return at;
}
