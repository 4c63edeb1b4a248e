/**
 * Notes (gABI chapter 5, "Note Section"): what SHT_NOTE sections hold, among them the build-id.
 *
 *   0   namesz  bytes of the name with its terminating zero
 *   4   descsz  bytes of the descriptor
 *   8   type    its meaning depends on the name
 *   12  name, padded to the alignment; desc, padded to the alignment
 *
 * The gABI asks for 8-byte alignment in ELF64 files; everyone writes 4, except in .note.gnu.property, so the
 * alignment is the section's.
 */
import { asBuffer } from './file.js';

export interface Note {
  /** A byte string without its terminating zero, "GNU" for instance. */
  readonly name: string;
  readonly type: number;
  readonly desc: Uint8Array;
}

export interface ParsedNotes {
  readonly notes: readonly Note[];
  /** Where the first record begins that does not fit; undefined when all bytes were notes. */
  readonly malformedAt: number | undefined;
}

const HEADER_SIZE = 12;

/**
 * The notes of a section's bytes, as far as they are well-formed; never throws. `alignment` is the section's
 * sh_addralign: 8 for .note.gnu.property, 4 (and everything else) otherwise. Descriptors are views.
 */
export function parseNotes(bytes: Uint8Array, alignment = 4): ParsedNotes {
  const step = alignment === 8 ? 8 : 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const buffer = asBuffer(bytes);
  const notes: Note[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + HEADER_SIZE > bytes.length) return { notes, malformedAt: at };
    const namesz = view.getUint32(at, true);
    const descsz = view.getUint32(at + 4, true);
    const nameAt = at + HEADER_SIZE;
    const descAt = alignUp(nameAt + namesz, step);
    // The padding of the last descriptor may be missing; the descriptor itself may not.
    const end = descsz === 0 ? nameAt + namesz : descAt + descsz;
    if (end > bytes.length) return { notes, malformedAt: at };
    const zero = bytes.subarray(nameAt, nameAt + namesz).indexOf(0);
    const nameEnd = nameAt + (zero < 0 ? namesz : zero);
    notes.push({
      name: buffer.toString('latin1', nameAt, nameEnd),
      type: view.getUint32(at + 8, true),
      desc: bytes.subarray(Math.min(descAt, bytes.length), end),
    });
    at = alignUp(descAt + descsz, step);
  }
  return { notes, malformedAt: undefined };
}

/** One note with 4-byte alignment, padding included, so that notes can be concatenated. Names are latin-1. */
export function buildNote(note: Note): Uint8Array {
  const namesz = note.name.length + 1;
  const descAt = HEADER_SIZE + alignUp(namesz, 4);
  const bytes = new Uint8Array(descAt + alignUp(note.desc.length, 4));
  const buffer = asBuffer(bytes);
  buffer.writeUInt32LE(namesz, 0);
  buffer.writeUInt32LE(note.desc.length, 4);
  buffer.writeUInt32LE(note.type, 8);
  buffer.write(note.name, HEADER_SIZE, 'latin1');
  bytes.set(note.desc, descAt);
  return bytes;
}

const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;
