/** Which form a payload has, by what its records say of themselves: for images that do not tell their release. */
import { asBuffer, readElf, sectionBytes } from '../elf/read.js';
import { spliceSections } from '../xen/splice-records.js';
import { ABIS } from '../xen/versions.js';
import type { AbiName } from '../xen/versions.js';

/** Offset of `version` in a record of either form. */
const VERSION_FIELD = 32;

/** The form of a payload; undefined for bytes that do not tell. */
export function payloadAbi(bytes: Uint8Array): AbiName | undefined {
  const file = readElf('payload', bytes, () => undefined, { relocations: 'none' });
  if (file?.sections.some(({ name }) => name === spliceSections('.xsplice').splices) === true)
    return 'xsplice-v1';
  for (const abi of Object.values(ABIS)) {
    const section = file?.sections.find(({ name }) => name === `${abi.sectionPrefix}.funcs`);
    if (file === undefined || section === undefined) continue;
    const version = asBuffer(sectionBytes(file, section)).at(VERSION_FIELD);
    if (version === abi.recordVersion) return abi.name;
  }
  return undefined;
}
