/**
 * Who in the linked hypervisor refers to a range of addresses. No relocations are left in an image, so its bytes are
 * read: 8-byte words of data that lie in the range, and rip-relative operands of code.
 *
 * Every four bytes of code that could be such a displacement are tried first, which is a few million additions;
 * only functions that hold a candidate are decoded.
 */
import * as c from '../elf/constants.js';
import { asBuffer, sectionBytes } from '../elf/read.js';
import type { ElfSection } from '../elf/read.js';
import { ipRelativeOperands } from '../x86/decode.js';
import type { ImageSymbol, XenImage } from './image.js';

/** Bytes that may follow a displacement in its instruction: an immediate of up to four. SDM vol. 2, 2.1. */
const LONGEST_IMMEDIATE = 4;

/** Symbols whose code or data refers to `size` bytes from `address` on; `section+0x…` where no symbol is. */
export function usersInImage(image: XenImage, address: bigint, size: number): string[] {
  const users = new Set<string>();
  const symbols = [...image.symbols].sort((a, b) =>
    a.address < b.address ? -1 : a.address > b.address ? 1 : 0,
  );
  for (const section of image.file.sections) {
    const loaded = (section.sh_flags & c.SHF_ALLOC) !== 0 && section.sh_type !== c.SHT_NOBITS;
    // What ran at boot has read what it wanted.
    if (!loaded || section.name.startsWith('.init')) continue;
    const places =
      (section.sh_flags & c.SHF_EXECINSTR) === 0
        ? wordsInto(image, section, address, size)
        : operandsInto(image, section, symbols, address, size);
    for (const at of places) users.add(nameAt(symbols, section, at));
  }
  return [...users].sort();
}

/** Offsets of the aligned words of a section that hold an address in the range. */
function wordsInto(image: XenImage, section: ElfSection, address: bigint, size: number): number[] {
  const bytes = asBuffer(sectionBytes(image.file, section));
  const found: number[] = [];
  const first = Number((8n - (section.sh_addr & 7n)) & 7n);
  const [low, high] = [Number(address & 0xffff_ffffn), Number(address >> 32n)];
  for (let at = first; at + 8 <= bytes.length; at += 8) {
    const distance = bytes.readUInt32LE(at) - low;
    if (bytes.readUInt32LE(at + 4) === high && distance >= 0 && distance < size) found.push(at);
  }
  return found;
}

function operandsInto(
  image: XenImage,
  section: ElfSection,
  symbols: readonly ImageSymbol[],
  address: bigint,
  size: number,
): number[] {
  const bytes = asBuffer(sectionBytes(image.file, section));
  // Distances inside two gigabytes are exact as numbers.
  const wanted = Number(address - section.sh_addr);
  const candidates: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at++) {
    const target = at + 4 + bytes.readInt32LE(at) - wanted;
    if (target >= -LONGEST_IMMEDIATE && target < size) candidates.push(at);
  }
  const decoded = new Map<ImageSymbol | undefined, ReadonlySet<number>>();
  return candidates.filter((at) => {
    const holder = holderOf(symbols, section.sh_addr + BigInt(at));
    // Code without bounds cannot be decoded from a known start: take it for a user.
    if (holder === undefined) return true;
    let operands = decoded.get(holder);
    if (operands === undefined) {
      const start = Number(holder.address - section.sh_addr);
      operands = new Set(
        ipRelativeOperands(bytes.subarray(start, start + holder.size))
          .filter(({ target }) => start + target >= wanted && start + target < wanted + size)
          .map((operand) => start + operand.at),
      );
      decoded.set(holder, operands);
    }
    return operands.has(at);
  });
}

/** The sized symbol that holds an address; symbols ascend by address. */
function holderOf(symbols: readonly ImageSymbol[], address: bigint): ImageSymbol | undefined {
  let low = 0;
  let high = symbols.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (symbols[middle].address > address) high = middle - 1;
    else low = middle;
  }
  for (let k = low; k >= 0 && symbols[k]?.address === symbols[low]?.address; k--) {
    const { address: start, size } = symbols[k];
    if (size > 0 && address >= start && address < start + BigInt(size)) return symbols[k];
  }
  return undefined;
}

function nameAt(symbols: readonly ImageSymbol[], section: ElfSection, at: number): string {
  return holderOf(symbols, section.sh_addr + BigInt(at))?.name ?? `${section.name}+0x${at.toString(16)}`;
}
