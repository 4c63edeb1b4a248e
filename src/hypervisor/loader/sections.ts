/**
 * The section table: its headers, their names, and the string tables that names are read from.
 * Source: elf_resolve_sections(), elf_resolve_section_names(), elf_verify_strtab() and
 * livepatch_elf_sec_by_name() in xen/common/livepatch_elf.c.
 */
import * as c from '../../elf/constants.js';
import { nullPointer } from '../panic.js';
import type { ElfHeader } from './header.js';
import type { RawPayload } from './raw-payload.js';
import { hexadecimal, u64 } from './u64.js';
import type { Upload } from './upload.js';

/** LIVEPATCH_MAX_SIZE: of a payload, and of a section without bytes in it. */
export const LIVEPATCH_MAX_SIZE = 0x20_0000n;

/** A section header, its fields read whenever they are asked for, and what the loader knows of the section. */
export class PayloadSection {
  /** Where in the file its bytes are said to lie. */
  readonly dataAt: bigint;
  /** Where in the file its name lies. */
  nameAt = 0n;
  /** Where it was loaded; 0n for sections that are not. */
  loadAddress = 0n;

  constructor(
    private readonly raw: RawPayload,
    readonly index: number,
    private readonly headerAt: bigint,
  ) {
    this.dataAt = this.sh_offset;
  }

  get name(): string {
    return this.raw.text(this.nameAt);
  }

  get sh_name(): number {
    return this.raw.u32(this.headerAt);
  }

  get sh_type(): number {
    return this.raw.u32(this.headerAt + 4n);
  }

  get sh_flags(): bigint {
    return this.raw.u64(this.headerAt + 8n);
  }

  get sh_addr(): bigint {
    return this.raw.u64(this.headerAt + 16n);
  }

  get sh_offset(): bigint {
    return this.raw.u64(this.headerAt + 24n);
  }

  get sh_size(): bigint {
    return this.raw.u64(this.headerAt + 32n);
  }

  get sh_link(): number {
    return this.raw.u32(this.headerAt + 40n);
  }

  get sh_info(): number {
    return this.raw.u32(this.headerAt + 44n);
  }

  get sh_addralign(): bigint {
    return this.raw.u64(this.headerAt + 48n);
  }

  get sh_entsize(): bigint {
    return this.raw.u64(this.headerAt + 56n);
  }

  has(flag: number): boolean {
    return (this.sh_flags & BigInt(flag)) !== 0n;
  }
}

export class SectionTable {
  constructor(
    readonly raw: RawPayload,
    readonly header: ElfHeader,
    /** From number 1 on: the entry of number 0 is never filled in. */
    readonly all: readonly PayloadSection[],
  ) {}

  /** Entry `index` of the loader's own table, followed as the real one does: without looking. */
  at(index: number): PayloadSection {
    if (index === 0) throw nullPointer('page fault in the loader: section 0 is a null pointer');
    const section = this.all.at(index - 1);
    if (section === undefined)
      throw nullPointer(`the loader reaches section ${index} in a table of ${this.all.length + 1}`);
    return section;
  }

  /** The first section of a name. */
  named(name: string): PayloadSection | undefined {
    return this.all.find((section) => this.raw.isText(section.nameAt, name));
  }
}

/** Throws XenError for the first thing that is wrong with the headers. */
export function readSectionTable(upload: Upload, raw: RawPayload, header: ElfHeader): SectionTable {
  const sections: PayloadSection[] = [];
  let symtab: PayloadSection | undefined;
  for (let index = 1; index < header.e_shnum; index++) {
    const section = new PayloadSection(raw, index, header.e_shoff + BigInt(index * header.e_shentsize));
    checkSection(upload, section, raw.length);
    sections.push(section);
    if (section.sh_type !== c.SHT_SYMTAB) continue;
    if (symtab !== undefined) throw upload.refuse('EOPNOTSUPP', 'Unsupported multiple symbol tables');
    symtab = section;
    if (symtab.sh_link >= header.e_shnum)
      throw upload.refuse(
        'EINVAL',
        `Symbol table idx (${symtab.sh_link}) to strtab past end (${header.e_shnum})`,
      );
  }
  return new SectionTable(raw, header, sections);
}

function checkSection(upload: Upload, section: PayloadSection, length: bigint): void {
  const { index, sh_offset, sh_size, sh_addralign, sh_addr } = section;
  const nobits = section.sh_type === c.SHT_NOBITS;
  const atHeader = sh_offset < c.EHDR_SIZE;
  if (atHeader || (!nobits && (sh_offset > length || u64(sh_offset + sh_size) > length)))
    throw upload.refuse(
      'EINVAL',
      `Section [${index}] data ${atHeader ? 'at ELF header' : 'is past end'} of payload`,
    );
  if (upload.guest.profile.checksAlignment) {
    if ((sh_addralign & u64(sh_addralign - 1n)) !== 0n)
      throw upload.refuse(
        'EOPNOTSUPP',
        `Section [${index}] alignment (${hexadecimal(sh_addralign)}) is not supported`,
      );
    if (sh_addralign !== 0n && sh_addr % sh_addralign !== 0n)
      throw upload.refuse(
        'EINVAL',
        `Section [${index}] addr (${hexadecimal(sh_addr)}) is not aligned properly (${hexadecimal(sh_addralign)})`,
      );
  }
  const loadable = section.has(c.SHF_WRITE | c.SHF_ALLOC);
  if (upload.guest.profile.limitsNobits && loadable && nobits && sh_size > LIVEPATCH_MAX_SIZE)
    throw upload.silently(
      'EINVAL',
      `section [${section.index}] takes more than 2 MiB without bytes in the file`,
    );
}

/** elf_verify_strtab(): whether a section holds strings that all end in it. */
export function isStringTable(raw: RawPayload, section: PayloadSection): boolean {
  if (section.sh_type !== c.SHT_STRTAB || section.sh_size === 0n) return false;
  return raw.u8(section.dataAt) === 0 && raw.u8(section.dataAt + section.sh_size - 1n) === 0;
}

/** Finds the name of every section. */
export function nameSections(upload: Upload, table: SectionTable): void {
  const names = table.at(table.header.e_shstrndx);
  if (!isStringTable(table.raw, names)) throw upload.refuse('EINVAL', 'Section string table is corrupted');
  for (const section of table.all) {
    if (section.sh_name >= names.sh_size)
      throw upload.refuse('EINVAL', `Section ${section.index} name is not within .shstrtab`);
    section.nameAt = names.sh_offset + BigInt(section.sh_name);
  }
}
