/**
 * The ELF header: what must be in it before the section table is looked at.
 * Source: livepatch_header_check() in xen/common/livepatch_elf.c, arch_livepatch_verify_elf() in
 * xen/arch/x86/livepatch.c.
 */
import * as c from '../../elf/constants.js';
import type { RawPayload } from './raw-payload.js';
import type { Upload } from './upload.js';

const ELF_MAGIC = 0x464c457f;
const ELFOSABI_FREEBSD = 9;
/** Arbitrary, as the real one says. */
const TOO_MANY_SECTIONS = 1024;

/** Fields of the ELF header, read whenever they are asked for. */
export class ElfHeader {
  constructor(private readonly raw: RawPayload) {}

  get magic(): number {
    return this.raw.u32(0n);
  }

  ident(index: number): number {
    return this.raw.u8(BigInt(index));
  }

  get e_type(): number {
    return this.raw.u16(16n);
  }

  get e_machine(): number {
    return this.raw.u16(18n);
  }

  get e_version(): number {
    return this.raw.u32(20n);
  }

  get e_shoff(): bigint {
    return this.raw.u64(40n);
  }

  get e_phnum(): number {
    return this.raw.u16(56n);
  }

  get e_shentsize(): number {
    return this.raw.u16(58n);
  }

  get e_shnum(): number {
    return this.raw.u16(60n);
  }

  get e_shstrndx(): number {
    return this.raw.u16(62n);
  }
}

/** Throws XenError for the first thing that is wrong. */
export function checkHeader(upload: Upload, raw: RawPayload): ElfHeader {
  if (raw.length < c.EHDR_SIZE) throw upload.refuse('EINVAL', 'Section header is bigger than payload');
  const header = new ElfHeader(raw);
  if (header.magic !== ELF_MAGIC) throw upload.refuse('EINVAL', 'Not an ELF payload');
  if (!isPlainObject(header)) throw upload.refuse('EOPNOTSUPP', 'Invalid ELF payload');
  const forUs =
    header.e_machine === c.EM_X86_64 &&
    header.ident(c.EI_CLASS) === c.ELFCLASS64 &&
    header.ident(c.EI_DATA) === c.ELFDATA2LSB;
  if (!forUs) throw upload.refuse('EOPNOTSUPP', 'Unsupported ELF Machine type');
  checkSectionTable(upload, header, raw.length);
  return header;
}

function isPlainObject(header: ElfHeader): boolean {
  const osabi = header.ident(c.EI_OSABI);
  return (
    header.e_version === c.EV_CURRENT &&
    header.ident(c.EI_VERSION) === c.EV_CURRENT &&
    header.ident(c.EI_ABIVERSION) === 0 &&
    (osabi === c.ELFOSABI_NONE || osabi === ELFOSABI_FREEBSD) &&
    header.e_type === c.ET_REL &&
    header.e_phnum === 0
  );
}

function checkSectionTable(upload: Upload, header: ElfHeader, length: bigint): void {
  const { e_shstrndx, e_shnum, e_shoff, e_shentsize } = header;
  if (e_shstrndx === c.SHN_UNDEF) throw upload.refuse('EINVAL', 'Section name idx is undefined');
  if (e_shnum >= TOO_MANY_SECTIONS) throw upload.refuse('EOPNOTSUPP', `Too many (${e_shnum}) sections`);
  if (e_shstrndx >= e_shnum)
    throw upload.refuse('EINVAL', `Section name idx (${e_shstrndx}) is past end of sections (${e_shnum})`);
  if (e_shoff >= length) throw upload.refuse('EINVAL', 'Bogus e_shoff');
  if (e_shentsize < c.SHDR_SIZE)
    throw upload.refuse('EINVAL', `Section header size is ${e_shentsize}! Expected ${c.SHDR_SIZE}.`);
  if ((length - e_shoff) / BigInt(e_shentsize) < e_shnum)
    throw upload.refuse('EINVAL', 'Section header size is corrupted');
}
