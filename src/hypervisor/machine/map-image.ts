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

/** Why an image cannot be mapped: for a diagnostic. */
export class UnusableImage extends Error {}

/** Maps all loaded sections, writable as they are during boot; gives the addresses from the first to the last byte. */
export function mapImage(memory: Memory, image: XenImage): Range {
  const sections = loadedSections(image);
  if (sections.length === 0) throw new UnusableImage('it has no section that is loaded');
  const total = sections.reduce((sum, s) => sum + s.sh_size + 2 * PAGE_BYTES, 0);
  if (total > MOST_BYTES)
    throw new UnusableImage(`its sections take ${total} bytes, more than ${MOST_BYTES}`);
  for (const [page, permissions] of permissionsByPage(sections))
    memory.map(page, PAGE_BYTES, permissions | write);
  for (const section of sections) memory.write(section.sh_addr, sectionBytes(image.file, section));
  const starts = sections.map((s) => s.sh_addr);
  const ends = sections.map((s) => s.sh_addr + BigInt(s.sh_size));
  return { start: least(starts), end: -least(ends.map((end) => -end)) };
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
