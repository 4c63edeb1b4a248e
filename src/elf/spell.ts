/**
 * Numbers of ELF records as the words of the gABI (chapter 4) and of the GNU extensions, for people to read.
 * Unknown numbers are shown as such, so that nothing in a file is left out.
 */
import * as c from './constants.js';

const E_TYPES = new Map<number, string>([
  [c.ET_REL, 'ET_REL'],
  [c.ET_EXEC, 'ET_EXEC'],
  [c.ET_DYN, 'ET_DYN'],
]);

const SECTION_TYPES = new Map<number, string>([
  [c.SHT_NULL, 'SHT_NULL'],
  [c.SHT_PROGBITS, 'SHT_PROGBITS'],
  [c.SHT_SYMTAB, 'SHT_SYMTAB'],
  [c.SHT_STRTAB, 'SHT_STRTAB'],
  [c.SHT_RELA, 'SHT_RELA'],
  [c.SHT_NOTE, 'SHT_NOTE'],
  [c.SHT_NOBITS, 'SHT_NOBITS'],
  [c.SHT_REL, 'SHT_REL'],
  [c.SHT_INIT_ARRAY, 'SHT_INIT_ARRAY'],
  [c.SHT_FINI_ARRAY, 'SHT_FINI_ARRAY'],
  [c.SHT_PREINIT_ARRAY, 'SHT_PREINIT_ARRAY'],
  [c.SHT_GROUP, 'SHT_GROUP'],
  [c.SHT_SYMTAB_SHNDX, 'SHT_SYMTAB_SHNDX'],
  [c.SHT_LLVM_ADDRSIG, 'SHT_LLVM_ADDRSIG'],
  [c.SHT_X86_64_UNWIND, 'SHT_X86_64_UNWIND'],
]);

/** In ascending order of the bits, which is the order in which they are shown. */
const SECTION_FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [c.SHF_WRITE, 'SHF_WRITE'],
  [c.SHF_ALLOC, 'SHF_ALLOC'],
  [c.SHF_EXECINSTR, 'SHF_EXECINSTR'],
  [c.SHF_MERGE, 'SHF_MERGE'],
  [c.SHF_STRINGS, 'SHF_STRINGS'],
  [c.SHF_INFO_LINK, 'SHF_INFO_LINK'],
  [c.SHF_LINK_ORDER, 'SHF_LINK_ORDER'],
  [c.SHF_OS_NONCONFORMING, 'SHF_OS_NONCONFORMING'],
  [c.SHF_GROUP, 'SHF_GROUP'],
  [c.SHF_TLS, 'SHF_TLS'],
  [c.SHF_COMPRESSED, 'SHF_COMPRESSED'],
  [c.SHF_GNU_RETAIN, 'SHF_GNU_RETAIN'],
  [c.SHF_EXCLUDE, 'SHF_EXCLUDE'],
];

const BINDINGS = new Map<number, string>([
  [c.STB_LOCAL, 'STB_LOCAL'],
  [c.STB_GLOBAL, 'STB_GLOBAL'],
  [c.STB_WEAK, 'STB_WEAK'],
  [c.STB_GNU_UNIQUE, 'STB_GNU_UNIQUE'],
]);

const SYMBOL_TYPES = new Map<number, string>([
  [c.STT_NOTYPE, 'STT_NOTYPE'],
  [c.STT_OBJECT, 'STT_OBJECT'],
  [c.STT_FUNC, 'STT_FUNC'],
  [c.STT_SECTION, 'STT_SECTION'],
  [c.STT_FILE, 'STT_FILE'],
  [c.STT_COMMON, 'STT_COMMON'],
  [c.STT_TLS, 'STT_TLS'],
  [c.STT_GNU_IFUNC, 'STT_GNU_IFUNC'],
]);

const VISIBILITIES = ['STV_DEFAULT', 'STV_INTERNAL', 'STV_HIDDEN', 'STV_PROTECTED'];

const GNU_NOTES = new Map<number, string>([
  [c.NT_GNU_ABI_TAG, 'NT_GNU_ABI_TAG'],
  [c.NT_GNU_BUILD_ID, 'NT_GNU_BUILD_ID'],
  [c.NT_GNU_PROPERTY_TYPE_0, 'NT_GNU_PROPERTY_TYPE_0'],
]);

const unknown = (prefix: string, value: number): string => `${prefix}_<0x${value.toString(16)}>`;

export const fileTypeName = (e_type: number): string => E_TYPES.get(e_type) ?? unknown('ET', e_type);
export const sectionTypeName = (sh_type: number): string =>
  SECTION_TYPES.get(sh_type) ?? unknown('SHT', sh_type);
export const bindingName = (bind: number): string => BINDINGS.get(bind) ?? unknown('STB', bind);
export const symbolTypeName = (type: number): string => SYMBOL_TYPES.get(type) ?? unknown('STT', type);
export const visibilityName = (visibility: number): string => VISIBILITIES[visibility & 3];

/** "NT_GNU_BUILD_ID" and so on; the meaning of a type depends on the name of the note. */
export function noteTypeName(name: string, type: number): string {
  return (name === 'GNU' ? GNU_NOTES.get(type) : undefined) ?? unknown('NT', type);
}

/** "SHF_ALLOC|SHF_EXECINSTR", unknown bits as one hexadecimal number, and "no flags" for 0. */
export function sectionFlagNames(sh_flags: number): string {
  const names: string[] = [];
  let rest = BigInt(sh_flags);
  for (const [bit, name] of SECTION_FLAGS) {
    if ((rest & BigInt(bit)) === 0n) continue;
    names.push(name);
    rest &= ~BigInt(bit);
  }
  if (rest !== 0n) names.push(`0x${rest.toString(16)}`);
  return names.length === 0 ? 'no flags' : names.join('|');
}
