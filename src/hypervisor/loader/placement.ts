/**
 * Where a payload comes to lie: one stretch of pages with code first, then writable data, then the rest, each from a
 * page of its own; and what these pages may be used for when everything is done.
 *
 * An alignment of 0 begins the region anew at its start (see roundUp), and sizes wrap; both are left as they are.
 * Source: calc_section(), move_payload() and secure_payload() in xen/common/livepatch.c.
 */
import * as c from '../../elf/constants.js';
import { Permission } from '../../emulator/page.js';
import { HostDied } from '../host-died.js';
import { faultWords } from '../panic.js';
import type { Guest } from '../guest.js';
import { clearBytes, writeBytes } from '../guest-memory.js';
import type { PayloadSection, SectionTable } from './sections.js';
import { isLoaded } from './symbols.js';
import { PAGE_SIZE, pagesFor, pointer, roundUp, u64 } from './u64.js';
import type { Upload } from './upload.js';

/** The gigabyte that Xen's text, and with it all payloads, lie in. */
const MOST_PAGES = 0x4000_0000n / PAGE_SIZE;

type RegionName = 'text' | 'rw' | 'ro';

export interface Region {
  readonly start: bigint;
  readonly size: bigint;
}

export interface Placement {
  readonly text: Region;
  readonly rw: Region;
  readonly ro: Region;
  readonly pages: number;
  readonly safeToReapply: boolean;
  /** What the file holds no bytes for; up to 4.7 it is cleared at each apply. */
  readonly bss: readonly Region[];
}

interface Plan {
  readonly size: Record<RegionName, bigint>;
  readonly places: {
    readonly section: PayloadSection;
    readonly region: RegionName;
    readonly regionAt: bigint;
  }[];
}

/** Allocates pages and copies sections into them. Throws XenError; then nothing stays allocated. */
export function placeSections(upload: Upload, table: SectionTable): Placement {
  const { guest } = upload;
  const { size, places } = planSections(upload, table);
  const needed = pagesFor(u64(pageAlign(size.text) + pageAlign(size.rw) + size.ro));
  const text = needed > MOST_PAGES ? undefined : needed === 0n ? 0n : guest.allocatePages(Number(needed));
  if (text === undefined) throw upload.refuse('ENOMEM', 'Could not allocate memory for payload');
  const rw = u64(text + pageAlign(size.text));
  const start = { text, rw, ro: u64(rw + pageAlign(size.rw)) };
  for (const { section, region, regionAt } of places) {
    section.loadAddress = u64(start[region] + regionAt);
    copySection(upload, table, section);
  }
  return {
    text: { start: start.text, size: size.text },
    rw: { start: start.rw, size: size.rw },
    ro: { start: start.ro, size: size.ro },
    pages: Number(needed),
    safeToReapply: isSafeToReapply(upload, places),
    bss: places
      .filter(({ section }) => section.sh_type === c.SHT_NOBITS && section.sh_size > 0n)
      .map(({ section }) => ({ start: section.loadAddress, size: section.sh_size })),
  };
}

function planSections(upload: Upload, table: SectionTable): Plan {
  const plan: Plan = { size: { text: 0n, rw: 0n, ro: 0n }, places: [] };
  for (const section of table.all) {
    if (!isLoaded(upload, section)) continue;
    const executable = section.has(c.SHF_EXECINSTR);
    const writable = section.has(c.SHF_WRITE);
    if (executable && writable) {
      upload.debug(() => `Not supporting ${section.name} section!`);
      throw upload.silently('EOPNOTSUPP', `section ${section.name} is writable and executable`);
    }
    const region = executable ? 'text' : writable ? 'rw' : 'ro';
    const aligned = roundUp(plan.size[region], section.sh_addralign);
    plan.places.push({ section, region, regionAt: BigInt.asUintN(32, aligned) });
    plan.size[region] = u64(aligned + section.sh_size);
  }
  return plan;
}

function copySection(upload: Upload, table: SectionTable, section: PayloadSection): void {
  const { memory } = upload.guest;
  const { sh_size, loadAddress } = section;
  if (section.sh_type === c.SHT_NOBITS) {
    clearBytes(memory, loadAddress, sh_size, `clearing ${section.name}`);
    return;
  }
  writeBytes(memory, loadAddress, table.raw.slice(section.dataAt, sh_size), `copying ${section.name}`);
  upload.debug(() => `Loaded ${section.name} at ${pointer(loadAddress)}`);
}

/** Whether there is nothing writable that a first application could have changed. */
function isSafeToReapply(upload: Upload, places: Plan['places']): boolean {
  const written = places.filter(({ section, region }) => region === 'rw' && section.sh_size !== 0n);
  if (written.length === 0) return true;
  const funcs = `${upload.guest.profile.abi.sectionPrefix}.funcs`;
  return written.length === 1 && written[0].section.name === funcs;
}

function pageAlign(size: bigint): bigint {
  return u64(size + PAGE_SIZE - 1n) & ~(PAGE_SIZE - 1n);
}

/** Takes away what is not needed of the permissions: code is only executed, data only written or only read. */
export function securePages(guest: Guest, { text, rw, ro, pages }: Placement): void {
  const end = text.start + BigInt(pages) * PAGE_SIZE;
  const secure = ({ start, size }: Region, permissions: number): void => {
    const length = BigInt.asUintN(32, pagesFor(size)) * PAGE_SIZE;
    if (length === 0n) return;
    if (start + length > end)
      throw new HostDied(
        `the loader changes permissions of pages from 0x${start.toString(16)} on that are not its own`,
        undefined,
        faultWords(end, { write: false, present: false }),
      );
    guest.memory.protect(start, Number(length), permissions);
  };
  secure(text, Permission.read | Permission.execute);
  secure(rw, Permission.read | Permission.write);
  secure(ro, Permission.read);
}
