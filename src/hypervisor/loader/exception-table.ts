/**
 * Exception tables: pairs of distances, each from its own field, to an instruction that may fault and to where it goes
 * on then. They are searched by halves, so they are sorted by the instruction, in place; distances change as entries
 * move. Instructions that are listed twice come in the order that a heap sort leaves them in, as in the real one.
 * Source: sort_exception_table() in xen/arch/x86/extable.c, sort() in xen/include/xen/sort.h.
 */
import type { Memory } from '../../emulator/memory.js';
import { readBytes, writeBytes } from '../guest-memory.js';
import { countEntries } from './required-sections.js';
import type { SectionTable } from './sections.js';
import type { Upload } from './upload.js';

const ENTRY_SIZE = 8;

/** Sorts the table of a payload, if it has one. */
export function prepareExceptionTable(
  upload: Upload,
  table: SectionTable,
): { readonly address: bigint; readonly count: number } | undefined {
  const section = table.named('.ex_table');
  if (section === undefined) return undefined;
  const { sh_size } = section;
  const { refusesEmptyExTable } = upload.guest.profile;
  if (refusesEmptyExTable && (sh_size === 0n || sh_size % BigInt(ENTRY_SIZE) !== 0n))
    throw upload.refuse('EINVAL', `Wrong size of .ex_table (exp:${ENTRY_SIZE} vs ${sh_size})!`);
  const count = countEntries(upload, section, ENTRY_SIZE);
  sortExceptionTable(upload.guest.memory, section.loadAddress, count);
  return { address: section.loadAddress, count };
}

/** Sorts `count` entries in place. The pages must be writable. */
export function sortExceptionTable(memory: Memory, address: bigint, count: number): void {
  const what = 'an exception table';
  const bytes = readBytes(memory, address, count * ENTRY_SIZE, what);
  new Entries(bytes, count).sort();
  writeBytes(memory, address, bytes, what);
}

/** The table in host memory; addresses are relative to its start, which is the same to all of them. */
class Entries {
  private readonly fields: Int32Array;

  constructor(
    bytes: Uint8Array,
    private readonly count: number,
  ) {
    this.fields = new Int32Array(bytes.buffer, bytes.byteOffset, 2 * count);
  }

  sort(): void {
    for (let root = (this.count >>> 1) - 1; root >= 0; root--) this.sink(root, this.count);
    for (let last = this.count - 1; last >= 0; last--) {
      this.swap(0, last);
      this.sink(0, last);
    }
  }

  /** Restores the heap of the first `size` entries beneath an entry that may be too small. */
  private sink(from: number, size: number): void {
    for (let root = from; ;) {
      let child = 2 * root + 1;
      if (child >= size) return;
      if (child + 1 < size && this.addressOf(child) < this.addressOf(child + 1)) child++;
      if (this.addressOf(root) >= this.addressOf(child)) return;
      this.swap(root, child);
      root = child;
    }
  }

  private addressOf(k: number): number {
    return k * ENTRY_SIZE + this.fields[2 * k];
  }

  private swap(a: number, b: number): void {
    const distance = (b - a) * ENTRY_SIZE;
    for (const field of [0, 1]) {
      const kept = this.fields[2 * a + field];
      this.fields[2 * a + field] = this.fields[2 * b + field] + distance;
      this.fields[2 * b + field] = kept - distance;
    }
  }
}
