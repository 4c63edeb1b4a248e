/**
 * Internal inconsistencies of a relocatable object, by the rules of the gABI: what the reader does not need
 * to refuse, but what no tool should write. Used on every object that we write, and shown by `inspect`.
 *
 * The reader has already vouched for extents (sections in the file, symbols and relocations in their
 * sections), so what is checked here is the sense: links, orders, sizes of entries, overlaps, flags.
 * Section and symbol rules are in verify-sections.ts and verify-symbols.ts.
 */
import * as c from './constants.js';
import type { ElfFile } from './file.js';
import { asBuffer } from './file.js';
import { checkGroups, checkOverlaps, checkSections } from './verify-sections.js';
import { checkRelocations, checkSymbols } from './verify-symbols.js';

/** A hostile file can break the same rule once per symbol; nobody reads beyond this. */
const MAX_FINDINGS = 100;

/** Where the checks put their sentences. */
export type Finding = (sentence: string) => void;

/**
 * Sentences about what is wrong with a file that readElf accepted; an empty array when all is well. At most
 * MAX_FINDINGS and a count of the rest. Relocations are checked as far as they were read.
 */
export function verifyObject(file: ElfFile): string[] {
  const found: string[] = [];
  let unsaid = 0;
  const finding = (sentence: string): void => {
    if (found.length < MAX_FINDINGS) found.push(sentence);
    else unsaid++;
  };
  checkFileHeader(file, finding);
  checkSections(file, finding);
  checkOverlaps(file, finding);
  checkGroups(file, finding);
  checkSymbols(file, finding);
  checkRelocations(file, finding);
  if (unsaid > 0) found.push(`and ${unsaid} more`);
  return found;
}

function checkFileHeader(file: ElfFile, finding: Finding): void {
  const { bytes, header } = file;
  const buffer = asBuffer(bytes);
  const expect = (field: string, value: number | bigint, expected: number | bigint): void => {
    if (value !== expected) finding(`${field} is ${value}, not ${expected}`);
  };
  expect('EI_VERSION', bytes[c.EI_VERSION], c.EV_CURRENT);
  expect('e_type', header.e_type, c.ET_REL);
  expect('e_version', buffer.readUInt32LE(20), c.EV_CURRENT);
  expect('e_entry', buffer.readBigUInt64LE(24), 0n);
  expect('e_phoff', buffer.readBigUInt64LE(32), 0n);
  expect('e_flags', header.e_flags, 0);
  expect('e_ehsize', buffer.readUInt16LE(52), c.EHDR_SIZE);
  expect('e_phnum', buffer.readUInt16LE(56), 0);
  if (header.e_shoff % 8 !== 0) finding(`e_shoff ${header.e_shoff} is not a multiple of 8`);
  if (header.shnum === 0) finding('there is no section header table');
}
