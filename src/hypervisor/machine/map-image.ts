/**
 * Puts the linked hypervisor into memory where it was linked to run, with the permissions that it gives itself
 * after boot. The linker script marks nearly everything writable and executable, so the names of the sections
 * decide. Pages that two sections share may do what either may.
 */
import * as c from '../../elf/constants.js';
import { sectionBytes } from '../../elf/read.js';
import type { ElfSection } from '../../elf/read.js';
import type { Memory } from '../../emulator/memory.js';
import { PAGE_BYTES, Permission } from '../../emulator/page.js';
import type { XenImage } from '../../xen/image.js';
import type { Range } from '../guest.js';

const { read, write, execute } = Permission;

/** More than any hypervisor needs; an image that claims more is not one. */
const MOST_BYTES = 48 << 20;
/** Xen has 1 GiB of addresses for itself and its payloads: XEN_VIRT_START to XEN_VIRT_END. */
const MOST_EXTENT = 1n << 30n;

/** Parts of an image end at a multiple of 2 MiB. */
const SLACK = 2n << 20n;

/** Why an image cannot be mapped: for a diagnostic. */
export class UnusableImage extends Error {}

/** Maps all loaded sections, writable as they are during boot; gives the addresses from the first to the last byte. */
export function mapImage(memory: Memory, image: XenImage): Range {
  const sections = loadedSections(image);
  if (sections.length === 0) throw new UnusableImage('it has no section that is loaded');
  const total = sections.reduce((sum, s) => sum + s.sh_size + 2 * PAGE_BYTES, 0);
  if (total > MOST_BYTES)
    throw new UnusableImage(`its sections take ${total} bytes, more than ${MOST_BYTES}`);
  const extent = extentOf(sections);
  if (extent.end - extent.start > MOST_EXTENT)
    throw new UnusableImage('its sections lie further apart than 1 GiB');
  for (const [page, permissions] of permissionsByPage(sections))
    memory.map(page, PAGE_BYTES, permissions | write);
  for (const section of sections) memory.lend(section.sh_addr, sectionBytes(image.file, section));
  return extent;
}

function extentOf(sections: readonly ElfSection[]): Range {
  const starts = sections.map((s) => s.sh_addr);
  const ends = sections.map((s) => s.sh_addr + BigInt(s.sh_size));
  return { start: least(starts), end: -least(ends.map((end) => -end)) };
}

/** Symbols that delimit what the hypervisor changes the permissions of, or gives away. */
const DELIMITED = [
  ['_stext', '_etext', true],
  ['_srodata', '_erodata', true],
  ['__init_begin', '__init_end', false],
] as const;

/** Throws UnusableImage for an image whose symbols delimit pages that are not its own. */
export function checkDelimiters(memory: Memory, extent: Range, lookup: (name: string) => bigint): void {
  for (const [from, to, whole] of DELIMITED) {
    const [start, end] = [lookup(from), lookup(to)];
    if (start === 0n || end === 0n) continue;
    const outside = start < extent.start || end > extent.end + SLACK || start > end;
    if (outside || (whole && !isMapped(memory, start, end)))
      throw new UnusableImage(`${from} and ${to} delimit what is not all there`);
  }
}

function isMapped(memory: Memory, start: bigint, end: bigint): boolean {
  for (let page = start & ~BigInt(PAGE_BYTES - 1); page < end; page += BigInt(PAGE_BYTES))
    if (memory.permissionsAt(page) === undefined) return false;
  return true;
}

/** Protects what is still mapped as it is when the hypervisor is up. */
export function protectImage(memory: Memory, image: XenImage): void {
  for (const [page, permissions] of permissionsByPage(loadedSections(image)))
    if (memory.permissionsAt(page) !== undefined) memory.protect(page, PAGE_BYTES, permissions);
}

/** Whether an address of the image is of a section that the hypervisor writes to while it runs. */
export function isData(image: XenImage, address: bigint): boolean {
  return loadedSections(image).some(
    (section) =>
      address >= section.sh_addr &&
      address < section.sh_addr + BigInt(section.sh_size) &&
      (permissionsOf(section) & write) !== 0,
  );
}

function loadedSections(image: XenImage): ElfSection[] {
  return image.file.sections.filter((s) => (s.sh_flags & c.SHF_ALLOC) !== 0 && s.sh_size > 0);
}

function permissionsByPage(sections: readonly ElfSection[]): Map<bigint, number> {
  const found = new Map<bigint, number>();
  for (const section of sections) {
    const pages = pagesOf(section);
    for (let page = pages.start; page < pages.end; page += BigInt(PAGE_BYTES))
      found.set(page, permissionsOf(section) | (found.get(page) ?? 0));
  }
  return found;
}

/** The whole pages that a section touches. */
function pagesOf(section: ElfSection): Range {
  const size = BigInt(PAGE_BYTES);
  const end = section.sh_addr + BigInt(section.sh_size);
  if (end > 1n << 64n) throw new UnusableImage(`${section.name} ends beyond the last address`);
  return { start: (section.sh_addr / size) * size, end: ((end + size - 1n) / size) * size };
}

function permissionsOf({ name, sh_flags }: ElfSection): number {
  if (name === '.text' || name.startsWith('.text.')) return read | execute;
  if (name.startsWith('.rodata') || name.startsWith('.note')) return read;
  if ((sh_flags & c.SHF_EXECINSTR) !== 0) return read | execute;
  return (sh_flags & c.SHF_WRITE) === 0 ? read : read | write;
}

function least(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (a < b ? a : b));
}
