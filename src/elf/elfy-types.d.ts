/** elfy 1.0.0 ships no types; these are the parts that elf/read.ts uses. */
declare module 'elfy' {
  export interface ElfyHeader {
    type: string | undefined;
    machine: string | undefined;
    shoff: number;
    shnum: number;
    shentsize: number;
    shstrndx: number;
  }
  export interface ElfySection {
    name: number;
    off: number;
    size: number;
    link: number;
    info: number;
  }
  export class Parser {
    parseHeader(bytes: Buffer): ElfyHeader;
    parseSections(bytes: Buffer, header: ElfyHeader): ElfySection[];
  }
}
