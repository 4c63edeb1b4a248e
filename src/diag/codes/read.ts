/** XS1xx: what can be wrong with a file that we read. */
import type { CodeEntry } from '../codes.js';

export const READ_CODES = {
  XS101: {
    severity: 'error',
    title: 'not an ELF file',
    text: 'The file does not begin with the four bytes 7f 45 4c 46. It may be an archive, LLVM bitcode (an LTO build), or empty. Give the object that the assembler wrote; build without LTO.',
  },
  XS102: {
    severity: 'error',
    title: 'unsupported kind of ELF file',
    text: 'Only ELF64, little-endian, x86-64 files are handled: relocatable objects (ET_REL) as inputs and payloads, executables (ET_EXEC, ET_DYN) as images. The 32-bit objects under arch/x86/boot run before the hypervisor proper and cannot be live-patched.',
  },
  XS103: {
    severity: 'error',
    title: 'truncated or inconsistent ELF file',
    text: 'A header, a section, a symbol or a relocation points outside the file or outside its section, or a table is not a whole number of entries. The file was cut short, or the tool that wrote it is broken. Build it again.',
  },
  XS104: {
    severity: 'error',
    title: 'file cannot be read',
    text: 'The operating system refused to open or read the file, or it is larger than the tool accepts (2 GiB).',
  },
  XS105: {
    severity: 'error',
    title: 'relocation of a kind that x86-64 objects of Xen do not use',
    text: 'The relocation type is not known for x86-64, or the section uses REL records (implicit addends), which the x86-64 psABI does not use.',
  },
} as const satisfies Record<string, CodeEntry>;
