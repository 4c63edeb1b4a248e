/**
 * `.altinstructions` and `.alt_call_sites` of a payload: what is demanded of them before they are applied.
 * Source: prepare_payload() in xen/common/livepatch.c.
 */
import { XenError } from '../errno.js';
import { applyAlternativeCalls, CALL_SITE_SIZE, callSite } from './alternative-calls.js';
import { applyAlternatives, readAlternative } from './alternatives.js';
import type { EntryTable } from './alternatives.js';
import type { Placement, Region } from './placement.js';
import { countEntries } from './required-sections.js';
import type { SectionTable } from './sections.js';
import { hexadecimal, pointer, u64 } from './u64.js';
import type { Upload } from './upload.js';

const ALT_CALL_SIZE = 4;

export function prepareAlternatives(upload: Upload, table: SectionTable, { text }: Placement): void {
  const { guest } = upload;
  const section = table.named('.altinstructions');
  if (section === undefined) return;
  const count = countEntries(upload, section, guest.profile.altInstrSize);
  const entries = { address: section.loadAddress, count };
  if (guest.profile.checksAlternatives) {
    if (count === 0) return;
    checkAlternatives(upload, table, text, entries);
  }
  reportingFailure(
    () => applyAlternatives(guest, entries, { force: true }),
    (rc) => upload.refuseWithoutColon(rc.errno, `applying alternatives failed: ${rc.rc}`),
  );
}

function checkAlternatives(upload: Upload, table: SectionTable, text: Region, entries: EntryTable): void {
  if (text.size === 0n) throw upload.refuseWithoutColon('EINVAL', 'Alternatives provided, but no .text');
  const section = table.named('.altinstr_replacement');
  if (section === undefined)
    throw upload.refuseWithoutColon('EINVAL', '.altinstructions provided, but no .altinstr_replacement');
  const replacements = { start: section.loadAddress, size: section.sh_size };
  for (let k = 0; k < entries.count; k++) {
    const at = entries.address + BigInt(k * upload.guest.profile.altInstrSize);
    const { place, origLen, replacement, replLen } = readAlternative(upload.guest, at);
    if (!isWithin(place, origLen, text))
      throw upload.refuseWithoutColon(
        'EINVAL',
        `Alternative orig ${stretch(place, origLen)} outside payload text ${stretch(text.start, text.size)}`,
      );
    if (!isWithin(replacement, replLen, replacements))
      throw upload.refuseWithoutColon(
        'EINVAL',
        `Alternative repl ${stretch(replacement, replLen)} outside .altinstr_replacement ${stretch(replacements.start, replacements.size)}`,
      );
  }
}

export function prepareAlternativeCalls(upload: Upload, table: SectionTable, { text }: Placement): void {
  const { guest } = upload;
  const section = guest.profile.altCallSites ? table.named('.alt_call_sites') : undefined;
  if (section === undefined) return;
  const count = countEntries(upload, section, ALT_CALL_SIZE);
  if (count === 0) return;
  if (text.size === 0n) throw upload.refuseWithoutColon('EINVAL', 'Alternative calls provided, but no .text');
  for (let k = 0; k < count; k++) {
    const site = callSite(guest, section.loadAddress + BigInt(k * ALT_CALL_SIZE));
    if (isWithin(site, CALL_SITE_SIZE, text)) continue;
    throw upload.refuse(
      'EINVAL',
      `Alternative call ${stretch(site, CALL_SITE_SIZE)} outside payload text ${stretch(text.start, text.size)}`,
    );
  }
  const entries = { address: section.loadAddress, count };
  reportingFailure(
    () => applyAlternativeCalls(guest, entries),
    (rc) => upload.refuse(rc.errno, `Applying alternative calls failed: ${rc.rc}`),
  );
}

/** What failed has said why; the loader adds that it failed. */
function reportingFailure(apply: () => void, refuse: (rc: XenError) => XenError): void {
  try {
    apply();
  } catch (thrown) {
    throw thrown instanceof XenError ? refuse(thrown) : thrown;
  }
}

function isWithin(address: bigint, length: number, { start, size }: Region): boolean {
  return address >= start && length <= size && u64(address + BigInt(length)) <= u64(start + size);
}

/** %p+%#x. */
function stretch(address: bigint, length: bigint | number): string {
  return `${pointer(address)}+${hexadecimal(length)}`;
}
