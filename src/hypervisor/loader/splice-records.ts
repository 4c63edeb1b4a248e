/**
 * `.xsplice.splices`: which bytes of the hypervisor are changed where they are. Everything that can be known before the
 * processors meet is looked at here, so that then nothing is left to go wrong but that a place holds other bytes.
 * A loader of Xen's releases takes the section for data.
 */
import { Permission } from '../../emulator/page.js';
import { SPLICE_BYTES, SPLICE_VERSION, SplicePermission, spliceSections } from '../../xen/splice-records.js';
import { isReadable } from '../guest-memory.js';
import { fixupValue, fixupWidth, newBytes, oldBytes, readFixups, readSplice } from '../splice-record.js';
import type { SpliceFixup, SpliceRecord } from '../splice-record.js';
import type { LoadedSplice } from '../payload.js';
import type { Placement } from './placement.js';
import { countEntries } from './required-sections.js';
import type { SectionTable } from './sections.js';
import { PAGE_SIZE } from './u64.js';
import type { Upload } from './upload.js';

/** As long as a function in place may be; a table that says more is none. */
const LONGEST = 1 << 16;
const MOST_FIXUPS = 1 << 13;
const POINTER_BYTES = 8;
const BRANCH_BYTES = 5;

/** Checks every record. Throws XenError for the first that cannot be. */
export function prepareSplices(upload: Upload, table: SectionTable, placement: Placement): LoadedSplice[] {
  const { guest } = upload;
  if (!guest.profile.splices) return [];
  const { splices } = spliceSections(guest.profile.abi.sectionPrefix);
  const section = table.named(splices);
  if (section === undefined) return [];
  const count = countEntries(upload, section, SPLICE_BYTES);
  const loaded = Array.from({ length: count }, (_, k) => {
    const record = readSplice(guest.memory, section.loadAddress + BigInt(k * SPLICE_BYTES));
    return checkSplice(upload, placement, record, k);
  });
  checkDisjoint(upload, loaded);
  return loaded;
}

function checkSplice(
  upload: Upload,
  placement: Placement,
  record: SpliceRecord,
  position: number,
): LoadedSplice {
  const { memory } = upload.guest;
  const { kind, version } = record;
  if (version !== SPLICE_VERSION)
    throw upload.refuse('EOPNOTSUPP', `Wrong version of splice ${position} (${version}). Expected 1`);
  const wrong =
    whyNoPlace(upload, placement, record) ?? whyNoBytes(placement, record) ?? whyNoFixups(upload, record);
  if (kind === undefined || wrong !== undefined)
    throw upload.refuse('EINVAL', `Splice ${position}: ${wrong ?? 'there is no such kind'}`);
  for (const fixup of readFixups(memory, record)) checkFixup(upload, record, fixup, position);
  return {
    ...record,
    kind,
    old: Uint8Array.from(oldBytes(memory, record)),
    new: newBytes(memory, record),
  };
}

function whyNoPlace(upload: Upload, placement: Placement, record: SpliceRecord): string | undefined {
  const { address, length, kind, holder, holderSize } = record;
  const { memory } = upload.guest;
  const end = address + BigInt(length);
  if (length === 0 || length > LONGEST) return `it has ${length} bytes`;
  if (kind === 'pointer' && (length !== POINTER_BYTES || address % 8n !== 0n))
    return 'a pointer has 8 bytes, aligned';
  if (kind === 'branch' && length < BRANCH_BYTES) return `a branch of ${length} bytes has no room`;
  if (isWithin(placement, address, end)) return 'the place is in the payload itself';
  for (let page = address - (address % PAGE_SIZE); page < end; page += PAGE_SIZE)
    if (bitsOf(memory.permissionsAt(page)) !== record.permissions)
      return `the page of 0x${address.toString(16)} has other permissions`;
  if (kind === 'pointer') return undefined;
  const held = address >= holder && end <= holder + BigInt(holderSize);
  // Code in place may go on in the filler behind its function.
  return held || (kind === 'inPlace' && address >= holder) ? undefined : 'the place is not in its holder';
}

function whyNoBytes(placement: Placement, { oldAt, newAt, length }: SpliceRecord): string | undefined {
  const ours = [oldAt, newAt].every((at) => isWithin(placement, at, at + BigInt(length)));
  return ours ? undefined : 'its bytes are not in the payload';
}

function whyNoFixups(upload: Upload, { fixupsAt, fixupCount }: SpliceRecord): string | undefined {
  if (fixupCount > MOST_FIXUPS) return `it has ${fixupCount} fixups`;
  return fixupCount === 0 || isReadable(upload.guest.memory, fixupsAt) ? undefined : 'there are no fixups';
}

function checkFixup(upload: Upload, record: SpliceRecord, fixup: SpliceFixup, position: number): void {
  const { into, type } = fixup;
  const width = fixupWidth(type);
  if (width === undefined) throw upload.refuse('EOPNOTSUPP', `Splice ${position}: unhandled fixup ${type}`);
  if (into + width > record.length)
    throw upload.refuse('EINVAL', `Splice ${position}: fixup at ${into} is past its end`);
  const value = fixupValue(record, fixup);
  if (width === 4 && BigInt.asIntN(32, value) !== value)
    throw upload.refuse('EOVERFLOW', `Splice ${position}: fixup at ${into} overflows`);
}

/** Between the first and the last page of the payload. */
function isWithin({ text, pages }: Placement, start: bigint, end: bigint): boolean {
  return start >= text.start && end <= text.start + BigInt(pages) * PAGE_SIZE;
}

function bitsOf(permissions: number | undefined): number {
  if (permissions === undefined) return 0;
  const { read, write, execute } = Permission;
  return (
    ((permissions & read) !== 0 ? SplicePermission.read : 0) |
    ((permissions & write) !== 0 ? SplicePermission.write : 0) |
    ((permissions & execute) !== 0 ? SplicePermission.execute : 0)
  );
}

function checkDisjoint(upload: Upload, splices: readonly LoadedSplice[]): void {
  const sorted = [...splices].sort((a, b) => (a.address < b.address ? -1 : 1));
  for (const [k, { address, length, name }] of sorted.entries())
    if (k + 1 < sorted.length && sorted[k + 1].address < address + BigInt(length))
      throw upload.refuse('EINVAL', `Two splices change the same bytes: ${name} and ${sorted[k + 1].name}`);
}
