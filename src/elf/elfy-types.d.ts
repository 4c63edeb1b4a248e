/** elfy 1.0.0 ships no types; these are the parts that elf/read.ts and the tests of its repairs use. */
declare module 'elfy' {
  export interface ElfyHeader {
    type: string | undefined;
    machine: string | undefined;
    osabi: string | undefined;
    shoff: number;
    shnum: number;
    shentsize: number;
    shstrndx: number;
  }
  export interface ElfySection {
    name: number;
    addr: number;
    off: number;
    size: number;
    link: number;
    info: number;
    addralign: number;
    entsize: number;
    data: Buffer;
  }
  /** What elfy asks of a Buffer that holds a section header, in a little-endian file. */
  export interface ElfyRecord {
    readUInt32LE(at: number): number;
  }
  export class Parser {
    parseHeader(bytes: Buffer): ElfyHeader;
    parseSection(record: ElfyRecord, header: ElfyHeader, file: { slice(): Buffer }): ElfySection;
    mapFlags(value: number, map: object): object;
  }
  /** The whole file; section names are resolved. */
  export function parse(bytes: Buffer): ElfyHeader & { body: { sections: ElfySection[] } };
}
