/**
 * The linked hypervisor (xen-syms): where every symbol is, what it is called by the hypervisor's own symbol
 * table, and which bytes stand at an address.
 *
 * Xen looks symbols up by the names that its build put into that table: globals bare, locals as `file#name`
 * with the text of their STT_FILE symbol (`common/irq.c#foo`). Source: xen/tools/symbols.c.
 */
import * as c from '../elf/constants.js';
import type { Report } from '../diag/diagnostic.js';
import { diagnostic } from '../diag/diagnostic.js';
import type { ElfFile } from '../elf/read.js';
import { readElf, sectionBytes } from '../elf/read.js';
import { parseNotes } from '../elf/notes.js';
import { stableName } from '../model/names.js';

export interface ImageSymbol {
  /** As Xen's table spells it: `name` or `file#name`. */
  readonly name: string;
  readonly address: bigint;
  /** Bytes; 0 for labels. */
  readonly size: number;
  readonly type: number;
}

export interface XenImage {
  /** Path, as the user gave it. */
  readonly name: string;
  readonly file: ElfFile;
  readonly buildId: Uint8Array;
  readonly symbols: readonly ImageSymbol[];
  readonly byName: ReadonlyMap<string, readonly number[]>;
  /** `file#name` without compiler numbers -> the locals that share it. */
  readonly byStableName: ReadonlyMap<string, readonly number[]>;
}

/** Reads xen-syms. Reports XS1xx for a bad file, XS404 when it has no symbols or no build-id. */
export function readXenImage(name: string, bytes: Uint8Array, report: Report): XenImage | undefined {
  const file = readElf(name, bytes, report, { relocations: 'none' });
  if (file === undefined) return undefined;
  if (file.header.e_type !== c.ET_EXEC && file.header.e_type !== c.ET_DYN) {
    report(unusable(name, 'it is no linked image', 'give the xen-syms file of the running hypervisor'));
    return undefined;
  }
  const symbols = imageSymbols(file);
  const buildId = findBuildId(file);
  if (symbols.length === 0 || buildId === undefined) {
    const missing = symbols.length === 0 ? 'no symbol table' : 'no GNU build-id note';
    report(
      unusable(name, `it has ${missing}`, 'give xen-syms with its .symtab, not the stripped hypervisor'),
    );
    return undefined;
  }
  const byStableName = group(symbols, (s) => (s.name.includes('#') ? stableSymbolName(s.name) : undefined));
  return { name, file, buildId, symbols, byName: group(symbols, (s) => s.name), byStableName };
}

function unusable(name: string, why: string, hint: string): ReturnType<typeof diagnostic> {
  return diagnostic('XS404', {
    message: `${name} cannot serve as the image of a hypervisor: ${why}`,
    at: { object: name },
    hint,
  });
}

/** `file#count.12` -> `file#count`. */
export function stableSymbolName(name: string): string {
  const hash = name.lastIndexOf('#');
  return `${name.slice(0, hash + 1)}${stableName(name.slice(hash + 1))}`;
}

function imageSymbols(file: ElfFile): ImageSymbol[] {
  const { count, names, st_info, st_shndx, st_value, st_size } = file.symbols;
  const found: ImageSymbol[] = [];
  let source = '';
  for (let i = 1; i < count; i++) {
    const type = c.stType(st_info[i]);
    if (type === c.STT_FILE) source = names[i];
    if (type === c.STT_FILE || type === c.STT_SECTION || names[i] === '') continue;
    if (st_shndx[i] === c.SHN_UNDEF || st_shndx[i] >= c.RESERVED_SHNDX) continue;
    const local = c.stBind(st_info[i]) === c.STB_LOCAL;
    found.push({
      name: local && source !== '' ? `${source}#${names[i]}` : names[i],
      address: st_value[i],
      size: Number(st_size[i]),
      type,
    });
  }
  return found;
}

function group(
  symbols: readonly ImageSymbol[],
  key: (s: ImageSymbol) => string | undefined,
): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [k, symbol] of symbols.entries()) {
    const text = key(symbol);
    if (text === undefined) continue;
    const list = found.get(text);
    if (list === undefined) found.set(text, [k]);
    else list.push(k);
  }
  return found;
}

/** The descriptor of the first GNU build-id note, as Xen reads it. */
export function findBuildId(file: ElfFile, section = '.note.gnu.build-id'): Uint8Array | undefined {
  for (const candidate of file.sections) {
    if (candidate.name !== section) continue;
    const note = parseNotes(sectionBytes(file, candidate)).notes.at(0);
    if (note?.type === c.NT_GNU_BUILD_ID && note.desc.length > 0) return note.desc;
  }
  return undefined;
}

/** The bytes at an address, or undefined when no section with contents holds all of them. */
export function imageBytes(image: XenImage, address: bigint, length: number): Uint8Array | undefined {
  for (const section of image.file.sections) {
    if ((section.sh_flags & c.SHF_ALLOC) === 0 || section.sh_type === c.SHT_NOBITS) continue;
    const into = address - section.sh_addr;
    if (into < 0n || into + BigInt(length) > BigInt(section.sh_size)) continue;
    return sectionBytes(image.file, section).subarray(Number(into), Number(into) + length);
  }
  return undefined;
}
