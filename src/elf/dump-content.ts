/**
 * The bytes of a section as lines of a dump: code, strings, notes, hex with ASCII, or a digest when they are
 * too many to read. Each line covers a range of bytes, so that dump.ts can put the relocations of the range
 * under it.
 */
import { createHash } from 'node:crypto';
import * as c from './constants.js';
import type { ElfFile, ElfSection } from './file.js';
import { asBuffer, sectionBytes, symbolSection } from './file.js';
import { escapedText, printableName } from '../diag/printable.js';
import { parseNotes } from './notes.js';
import { noteTypeName } from './spell.js';

/** A piece of a section that somebody else has read: an instruction, a field of a structure. */
export interface DumpField {
  /** Bytes from the start of the bytes that were given. */
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** A line that stands for bytes `start` to `end` of the section; equal when it stands for none. */
export interface ContentLine {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Section number -> section offset -> names of the functions that start there. */
export type Functions = ReadonlyMap<number, ReadonlyMap<number, readonly string[]>>;

export interface ContentReaders {
  readonly stable?: boolean;
  readonly disassemble?: (bytes: Uint8Array, start: number) => readonly DumpField[];
  readonly decode?: (section: ElfSection, bytes: Uint8Array) => readonly DumpField[] | undefined;
}

/** Data of at most this many bytes is shown; more of it is only identified. */
const MAX_SHOWN = 256;
/** Bytes of the longest x86 instruction (SDM vol. 2, 2.3.11): whatever is longer is data. */
const LONGEST_INSTRUCTION = 15;
/** Columns for the bytes of an instruction; longer ones push their mnemonic to the right. */
const CODE_WIDTH = 24;

/** The lines of one section, in ascending order of `start`, together covering all its bytes. */
export function contentLines(
  file: ElfFile,
  section: ElfSection,
  functions: Functions,
  readers: ContentReaders,
): ContentLine[] {
  const bytes = sectionBytes(file, section);
  const fields = readers.decode?.(section, bytes);
  if (fields !== undefined) return fieldLines(bytes, 0, fields);
  if ((section.sh_flags & c.SHF_EXECINSTR) !== 0)
    return codeLines(functions.get(section.index) ?? new Map(), bytes, readers);
  if (section.sh_type === c.SHT_NOTE) return noteLines(section, bytes, readers.stable ?? false);
  const strings = c.SHF_MERGE + c.SHF_STRINGS;
  if ((section.sh_flags & strings) === strings && section.sh_entsize === 1) return stringLines(bytes);
  return bytes.length <= MAX_SHOWN ? hexLines(bytes, 0, bytes.length) : [digestLine(bytes)];
}

/** Code, with the name of each function before it; disassembly starts anew there. */
function codeLines(
  functions: ReadonlyMap<number, readonly string[]>,
  bytes: Uint8Array,
  readers: ContentReaders,
): ContentLine[] {
  const lines: ContentLine[] = [];
  const starts = [...functions.keys()].filter((start) => start < bytes.length).sort((a, b) => a - b);
  if (starts.at(0) !== 0) starts.unshift(0);
  starts.forEach((start, i) => {
    for (const name of functions.get(start) ?? []) lines.push({ start, end: start, text: `${name}:` });
    const end = starts.at(i + 1) ?? bytes.length;
    const fields = readers.disassemble?.(bytes.subarray(start, end), start) ?? [];
    // Not push(...): a section of a million instructions would be a million arguments.
    for (const line of fieldLines(bytes.subarray(start, end), start, fields)) lines.push(line);
  });
  return lines;
}

/** Where functions start in the sections of the file; names of one place are sorted. */
export function functionsOf(file: ElfFile): Functions {
  const { symbols, sections } = file;
  const functions = new Map<number, Map<number, string[]>>();
  for (let i = 1; i < symbols.count; i++) {
    const index = symbolSection(symbols, i);
    if (index === undefined || symbols.names[i] === '') continue;
    if (c.stType(symbols.st_info[i]) !== c.STT_FUNC) continue;
    const start = Number(symbols.st_value[i] - sections[index].sh_addr);
    const ofSection = functions.get(index) ?? new Map<number, string[]>();
    functions.set(index, ofSection);
    const names = ofSection.get(start);
    if (names === undefined) ofSection.set(start, [printableName(symbols.names[i])]);
    else names.push(printableName(symbols.names[i]));
  }
  for (const ofSection of functions.values()) for (const names of ofSection.values()) names.sort();
  return functions;
}

/** Fields as they were read, and hex for the bytes that none of them covers. `first` is where `bytes` begins. */
function fieldLines(bytes: Uint8Array, first: number, fields: readonly DumpField[]): ContentLine[] {
  const lines: ContentLine[] = [];
  let at = 0;
  const fillTo = (end: number): void => {
    for (const line of hexLines(bytes.subarray(at, end), first + at, end - at)) lines.push(line);
  };
  for (const field of fields) {
    const end = field.offset + field.length;
    if (field.offset < at || field.length <= 0 || end > bytes.length) continue;
    fillTo(field.offset);
    const shown = shortBytes(bytes.subarray(field.offset, end)).padEnd(CODE_WIDTH);
    const start = first + field.offset;
    lines.push({ start, end: first + end, text: `+0x${start.toString(16)}: ${shown} ${field.text}` });
    at = end;
  }
  fillTo(bytes.length);
  return lines;
}

/** Bytes as hex; a long run of one value as that value and its length. */
function shortBytes(bytes: Uint8Array): string {
  const run = bytes.length > LONGEST_INSTRUCTION && bytes.every((byte) => byte === bytes[0]);
  return run ? `${hexBytes(bytes.subarray(0, 1))} x ${bytes.length}` : hexBytes(bytes);
}

function noteLines(section: ElfSection, bytes: Uint8Array, stable: boolean): ContentLine[] {
  const { notes, malformedAt } = parseNotes(bytes, section.sh_addralign);
  const lines = notes.map((note) => {
    const type = noteTypeName(note.name, note.type);
    const isBuildId = note.name === 'GNU' && note.type === c.NT_GNU_BUILD_ID;
    const desc = isBuildId && stable ? `<build-id, ${note.desc.length} bytes>` : describeBytes(note.desc);
    return { start: 0, end: 0, text: `note ${printableName(note.name)} ${type} ${desc}` };
  });
  if (malformedAt === undefined) return lines;
  return [...lines, ...hexLines(bytes.subarray(malformedAt), malformedAt, bytes.length - malformedAt)];
}

/** One zero-terminated string per line; a run of empty ones, which is padding as a rule, on one line. */
function stringLines(bytes: Uint8Array): ContentLine[] {
  const buffer = asBuffer(bytes);
  const lines: ContentLine[] = [];
  for (let start = 0, end = 0; start < bytes.length; start = end) {
    const zero = bytes.indexOf(0, start);
    if (zero === start) {
      for (end = start; end < bytes.length && bytes[end] === 0;) end++;
    } else {
      end = zero < 0 ? bytes.length : zero + 1;
    }
    let shown = `"${escapedText(buffer.toString('latin1', start, zero < 0 ? end : zero))}"`;
    if (zero < 0) shown += ' without a zero';
    if (zero === start && end - start > 1) shown += ` ${end - start} times`;
    lines.push({ start, end, text: `+0x${start.toString(16)}: ${shown}` });
  }
  return lines;
}

/** Rows of 16 bytes with their ASCII; `first` is the offset of the first byte in its section. */
function hexLines(bytes: Uint8Array, first: number, length: number): ContentLine[] {
  const lines: ContentLine[] = [];
  for (let at = 0; at < length; at += 16) {
    const row = bytes.subarray(at, Math.min(at + 16, length));
    const ascii = asBuffer(row)
      .toString('latin1')
      .replace(/[^\x20-\x7e]/g, '.');
    const text = `+0x${(first + at).toString(16)}: ${hexBytes(row).padEnd(47)}  |${ascii}|`;
    lines.push({ start: first + at, end: first + at + row.length, text });
  }
  return lines;
}

function digestLine(bytes: Uint8Array): ContentLine {
  return { start: 0, end: bytes.length, text: describeDigest(bytes) };
}

function describeBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'empty';
  return bytes.length <= MAX_SHOWN ? hexBytes(bytes) : describeDigest(bytes);
}

const describeDigest = (bytes: Uint8Array): string =>
  `${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`;

const hexBytes = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
