/**
 * Sections without which a payload is none, or does nothing.
 * Source: check_special_sections(), check_patching_sections() and section_ok() in xen/common/livepatch.c.
 */
import { spliceSections } from '../../xen/splice-records.js';
import type { PayloadAbi } from '../../xen/versions.js';
import type { PayloadSection, SectionTable } from './sections.js';
import type { Upload } from './upload.js';

export const BUILD_ID_NOTE = '.note.gnu.build-id';

/** Names of the sections of the loader's own, in the spelling of the release. */
export function sectionNames({ sectionPrefix }: PayloadAbi): {
  readonly funcs: string;
  readonly depends: string;
  readonly xenDepends: string;
} {
  return {
    funcs: `${sectionPrefix}.funcs`,
    depends: `${sectionPrefix}.depends`,
    xenDepends: `${sectionPrefix}.xen_depends`,
  };
}

export function hookSectionName({ sectionPrefix }: PayloadAbi, kind: string): string {
  return `${sectionPrefix}.hooks.${kind}`;
}

/** What must be there, and must not be empty. */
export function checkSpecialSections(upload: Upload, table: SectionTable): void {
  const { profile } = upload.guest;
  const names = sectionNames(profile.abi);
  const { splices } = spliceSections(profile.abi.sectionPrefix);
  const spliced = profile.splices && table.named(splices) !== undefined;
  const wanted = [
    ...(spliced ? [splices] : profile.funcsRequired ? [names.funcs] : []),
    names.depends,
    ...(profile.abi.xenDepends && !profile.buildIdFirst ? [names.xenDepends] : []),
    BUILD_ID_NOTE,
  ];
  for (const name of wanted) {
    const section = table.named(name);
    if (section === undefined) throw upload.refuse('EINVAL', `${name} is missing`);
    if (section.sh_size === 0n) throw upload.refuse('EINVAL', `${name} is empty`);
  }
}

/** Functions to replace or hooks to run: one of them at least, none of them empty. */
export function checkPatchingSections(upload: Upload, table: SectionTable): void {
  const { profile } = upload.guest;
  if (profile.funcsRequired) return;
  const names = [
    sectionNames(profile.abi).funcs,
    ...profile.hooks.map((kind) => hookSectionName(profile.abi, kind)),
  ];
  let found = false;
  for (const name of names) {
    const section = table.named(name);
    if (section === undefined) {
      upload.debug(() => `${name} is missing`);
      continue;
    }
    if (section.sh_size === 0n) throw upload.refuse('EINVAL', `${name} is empty`);
    found = true;
  }
  if (!found) throw upload.refuse('EINVAL', 'Nothing to patch. Aborting...');
}

/** Demands that a section holds a whole number of entries, and gives that number. */
export function countEntries(upload: Upload, section: PayloadSection, entrySize: number): number {
  if (section.sh_size % BigInt(entrySize) !== 0n)
    throw upload.refuse(
      'EINVAL',
      `Wrong size ${section.sh_size} of ${section.name} (must be multiple of ${entrySize})`,
    );
  return Number(section.sh_size / BigInt(entrySize));
}
