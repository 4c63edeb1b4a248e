/**
 * Proves that the entry sizes of the target fit an object: a table must be a whole number of entries and its
 * relocations must fall on their fields. A wrong size (another Xen version) would tear entries apart in silence.
 */
import type { Diagnostic } from '../diag/diagnostic.js';
import { diagnostic } from '../diag/diagnostic.js';
import type { ElfFile } from '../elf/read.js';
import { sectionRole } from '../model/section-role.js';
import { entryFields, entrySize } from './special-sections.js';
import type { TargetProfile } from './versions.js';

export function checkEntryTables(file: ElfFile, target: TargetProfile): Diagnostic[] {
  if (target.name !== 'xen') return [];
  const found: Diagnostic[] = [];
  for (const section of file.sections) {
    const role = sectionRole(section, target);
    const size = entrySize(section, role, target);
    if (size === undefined) continue;
    const misfit = misfitOf(file, section.index, section.sh_size, size, entryFields(section, role));
    if (misfit === undefined) continue;
    found.push(
      diagnostic('XS203', {
        message: `${section.name} does not consist of entries of ${size} bytes: ${misfit}`,
        at: { object: file.name, section: section.name },
        hint: 'the object was built from another Xen version than the target; check the source tree',
      }),
    );
  }
  return found;
}

function misfitOf(
  file: ElfFile,
  section: number,
  total: number,
  size: number,
  fields: readonly number[],
): string | undefined {
  if (total % size !== 0) return `its size is ${total}`;
  const position = file.relaOf[section];
  const rela = position < 0 ? undefined : file.relas[position];
  for (let k = 0; k < (rela?.count ?? 0); k++) {
    const at = rela?.r_offset[k] ?? 0;
    if (!fields.includes(at % size))
      return `a relocation at 0x${at.toString(16)} is at byte ${at % size} of an entry`;
  }
  return undefined;
}
