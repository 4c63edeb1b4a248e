/**
 * Build-ids: of the payload, of what it goes on top of, and of the hypervisor that it was made for. Only the first
 * note of a section is looked at.
 * Sources: xen_build_id_check() in xen/common/version.c; prepare_payload(), xen_build_id_dep(), and since 4.20
 * parse_buildid() and check_xen_buildid() in xen/common/livepatch.c.
 */
import type { ErrnoName } from '../errno.js';
import { XenError } from '../errno.js';
import { readBytes } from '../guest-memory.js';
import { BUILD_ID_NOTE, sectionNames } from './required-sections.js';
import type { PayloadSection, SectionTable } from './sections.js';
import { hexBytes, MOST_HEX_BYTES } from './u64.js';
import type { Upload } from './upload.js';

/** Elf_Note: namesz, descsz, type. */
const NOTE_SIZE = 12;
const NT_GNU_BUILD_ID = 3;
const GNU = [0x47, 0x4e, 0x55, 0];

/** A reader of the bytes that a note lies among, from its start. */
type Reader = (noteAt: bigint, length: bigint) => Uint8Array;

/** A build-id that has been found but not yet read: its length is the payload's word. */
interface FoundId {
  readonly length: number;
  read(length: number): Uint8Array;
}

export interface BuildIds {
  readonly buildId: Uint8Array;
  readonly depends: Uint8Array;
  readonly xenDepends: Uint8Array | undefined;
}

/** What the payload says, from its loaded sections; EEXIST when it is loaded already. */
export function readBuildIds(upload: Upload, table: SectionTable): BuildIds {
  const { profile } = upload.guest;
  const names = sectionNames(profile.abi);
  const idOf = (name: string): Uint8Array | undefined => {
    const section = table.named(name);
    return section === undefined ? undefined : loadedId(upload, section);
  };
  const buildId = idOf(BUILD_ID_NOTE) ?? new Uint8Array(0);
  for (const payload of upload.loaded) {
    if (!isSame(payload.buildId, buildId)) continue;
    upload.debug(() => `Already loaded as ${payload.name}!`);
    throw upload.silently('EEXIST', `${payload.name} has the same build-id and is loaded`);
  }
  const depends = idOf(names.depends) ?? new Uint8Array(0);
  const later = profile.abi.xenDepends && !profile.buildIdFirst;
  return { buildId, depends, xenDepends: later ? idOf(names.xenDepends) : undefined };
}

function loadedId(upload: Upload, section: PayloadSection): Uint8Array {
  const what = `the note in ${section.name}`;
  const found = findId(
    (noteAt, length) => readBytes(upload.guest.memory, section.loadAddress + noteAt, Number(length), what),
    section.sh_size,
  );
  if (typeof found !== 'string') return found.read(found.length);
  throw upload.silently(
    upload.guest.profile.exactNoteErrors ? found : 'EINVAL',
    `${section.name} holds no build-id note`,
  );
}

/** Compares with the running hypervisor's after everything else has been prepared: before 4.20. */
export function checkXenDepends(upload: Upload, xenDepends: Uint8Array): void {
  const { buildId } = upload.guest;
  if (buildId === undefined) throw upload.silently('ENODATA', 'the hypervisor has no build-id');
  if (!isSame(buildId, xenDepends)) throw upload.refuse('EINVAL', 'check against hypervisor build-id failed');
}

/** Compares with the running hypervisor's before anything is loaded: since 4.20. Gives it. */
export function checkXenBuildId(upload: Upload, table: SectionTable): Uint8Array {
  const name = sectionNames(upload.guest.profile.abi).xenDepends;
  const section = table.named(name);
  if (section === undefined) throw upload.refuse('EINVAL', `section ${name} is missing`);
  const found = findId((noteAt, length) => table.raw.slice(section.dataAt + noteAt, length), section.sh_size);
  if (typeof found === 'string')
    throw upload.refuse('EINVAL', `failed to parse section ${name} as build-id: ${new XenError(found).rc}`);
  const { buildId } = upload.guest;
  if (buildId === undefined)
    throw upload.refuse('ENODATA', `unable to get running Xen build-id: ${new XenError('ENODATA').rc}`);
  if (found.length !== buildId.length || !isSame(found.read(found.length), buildId)) {
    const shown = hexBytes(found.read(Math.min(found.length, MOST_HEX_BYTES)));
    throw upload.refuse(
      'EINVAL',
      `build-id mismatch:\n  livepatch: ${shown}\n        xen: ${hexBytes(buildId)}`,
    );
  }
  return found.read(found.length);
}

/** The build-id in a section of so many bytes, or why it holds none. */
function findId(read: Reader, sh_size: bigint): FoundId | ErrnoName {
  if (sh_size <= NOTE_SIZE) return 'EINVAL';
  const header = read(0n, BigInt(NOTE_SIZE));
  const [namesz, descsz, type] = [0, 4, 8].map((at) => u32At(header, at));
  if (type !== NT_GNU_BUILD_ID) return 'ENODATA';
  const together = (namesz + descsz) >>> 0;
  if (together < namesz) return 'EINVAL';
  if (namesz < GNU.length) return 'EINVAL';
  if (together > Number(BigInt.asUintN(32, sh_size)) - NOTE_SIZE) return 'EINVAL';
  const name = read(BigInt(NOTE_SIZE), BigInt(GNU.length));
  if (GNU.some((byte, k) => name[k] !== byte)) return 'ENODATA';
  if (descsz === 0) return 'EINVAL';
  const at = BigInt(NOTE_SIZE) + ((BigInt(namesz) + 3n) & ~3n);
  return { length: descsz, read: (length) => read(at, BigInt(length)).slice() };
}

function u32At(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, k) => byte === b[k]);
}
