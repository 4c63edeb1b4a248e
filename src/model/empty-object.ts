/** The missing side of a pair, as an object without sections: a new file is compared with nothing. */
import { EM_X86_64, ET_REL } from '../elf/constants.js';
import type { ElfFile } from '../elf/read.js';

export function emptyObject(name: string): ElfFile {
  return {
    name,
    bytes: new Uint8Array(0),
    header: {
      e_type: ET_REL,
      e_machine: EM_X86_64,
      e_flags: 0,
      osabi: 0,
      abiversion: 0,
      e_shoff: 0,
      shnum: 0,
      shstrndx: 0,
    },
    sections: [],
    symbols: {
      section: 0,
      count: 0,
      firstGlobal: 0,
      names: [],
      st_info: new Uint8Array(0),
      st_other: new Uint8Array(0),
      st_shndx: new Uint32Array(0),
      st_value: new BigUint64Array(0),
      st_size: new BigUint64Array(0),
    },
    relas: [],
    relaOf: new Int32Array(0),
    groups: [],
  };
}
