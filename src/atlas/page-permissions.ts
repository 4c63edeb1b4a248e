/** What the page of a place may be used for while the hypervisor runs, as `r-x`, `r--` or `rw-`. */
import { Permission } from '../emulator/page.js';
import type { AddressMap } from './address-map.js';

/** By the page itself, where the hypervisor is in memory; else by the section. */
export function permissionsAt(map: AddressMap, place: number): string {
  const found = map.subject.memory.permissionsAt(map.addressOf(place));
  if (found !== undefined) {
    const { read, write, execute } = Permission;
    const letter = (bit: number, text: string): string => ((found & bit) === 0 ? '-' : text);
    return letter(read, 'r') + letter(write, 'w') + letter(execute, 'x');
  }
  const section = map.sectionAt(place);
  if (section?.executable === true) return 'r-x';
  return /^\.(rodata|data\.rel\.ro)/.test(section?.name ?? '') ? 'r--' : 'rw-';
}
