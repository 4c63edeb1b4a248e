/**
 * Payloads as the loader gets them, described section by section so that each test can leave one out, spoil it, or
 * add another. A sample replaces `victim` of the running hypervisor with its own `replacement`.
 */
import * as c from '../../src/elf/constants.js';
import { sectionNames } from '../../src/hypervisor/loader/required-sections.js';
import type { LoaderProfile } from '../../src/hypervisor/profiles.js';
import { ElfBuilder } from './elf-builder.js';
import { FakeGuest } from './fake-guest.js';

/** sh_flags by what they are used for. */
export const A = c.SHF_ALLOC;
export const AX = c.SHF_ALLOC | c.SHF_EXECINSTR;
export const WA = c.SHF_ALLOC | c.SHF_WRITE;

/** The first bytes of victim, and of replacement. */
export const VICTIM = [0x55, 0x48, 0x89, 0xe5, 0x31, 0xc0, 0x5d, 0xc3];
export const VICTIM_SIZE = 32;
const REPLACEMENT = [0xe8, 0, 0, 0, 0, 0x31, 0xc0, 0xc3];
export const PAYLOAD_ID = Array.from({ length: 20 }, (_, k) => 0xa0 + k);

/** An ELF note with a build-id. */
export function note(buildId: ArrayLike<number>, name = 'GNU\0', type = 3): number[] {
  const padded = Math.ceil(name.length / 4) * 4;
  return [
    ...u32(name.length),
    ...u32(buildId.length),
    ...u32(type),
    ...Buffer.from(name.padEnd(padded, '\0'), 'latin1'),
    ...Array.from(buildId),
  ];
}

export function u32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
}

export function u64Bytes(value: bigint): number[] {
  return [...Buffer.from(BigUint64Array.of(BigInt.asUintN(64, value)).buffer)];
}

export interface RecordFields {
  readonly name?: bigint;
  readonly newAddress?: bigint;
  readonly oldAddress?: bigint;
  readonly newSize?: number;
  readonly oldSize?: number;
  readonly version?: number;
}

/** A function record as it stands in the file. */
export function record(profile: LoaderProfile, fields: RecordFields = {}): number[] {
  const bytes = [
    ...u64Bytes(fields.name ?? 0n),
    ...u64Bytes(fields.newAddress ?? 0n),
    ...u64Bytes(fields.oldAddress ?? 0n),
    ...u32(fields.newSize ?? REPLACEMENT.length),
    ...u32(fields.oldSize ?? VICTIM_SIZE),
    fields.version ?? profile.abi.recordVersion,
  ];
  return [...bytes, ...new Array<number>(profile.abi.recordSize - bytes.length).fill(0)];
}

/** Parts that a test may leave out or put something else in the place of; undefined leaves one out. */
export interface SampleParts {
  readonly funcs?: readonly number[] | undefined;
  readonly buildId?: readonly number[] | undefined;
  readonly depends?: readonly number[] | undefined;
  readonly xenDepends?: readonly number[] | undefined;
}

/** A hypervisor that the samples are made for. */
export function sampleGuest(...args: ConstructorParameters<typeof FakeGuest>): FakeGuest {
  const guest = new FakeGuest(...args);
  guest.define('victim', VICTIM);
  guest.define('printk');
  return guest;
}

/** A builder with all that a payload for this hypervisor needs; `parts` replaces some of it. */
export function sample(guest: FakeGuest, parts: SampleParts = {}): ElfBuilder {
  const { profile, buildId } = guest;
  const names = sectionNames(profile.abi);
  const xenId = note(buildId ?? [1]);
  const all = {
    funcs: record(profile),
    buildId: note(PAYLOAD_ID),
    depends: xenId,
    xenDepends: profile.abi.xenDepends ? xenId : undefined,
    ...parts,
  };
  const builder = new ElfBuilder()
    .text('.text.replacement', REPLACEMENT)
    .symbol('replacement', { section: '.text.replacement', type: c.STT_FUNC, size: REPLACEMENT.length })
    .rela('.text.replacement', 1, c.R_X86_64_PLT32, 'printk', -4)
    .section('.rodata.names', [...Buffer.from('victim\0')]);
  const add = (name: string, bytes: readonly number[] | undefined): void => {
    if (bytes !== undefined) builder.section(name, bytes, { align: 4 });
  };
  if (all.funcs !== undefined) {
    builder.section(names.funcs, all.funcs, { flags: profile.stateInRecord ? WA : A, align: 8 });
    const withName = all.funcs.length >= 16 && all.funcs.slice(0, 8).every((byte) => byte === 0);
    if (withName) builder.rela(names.funcs, 0, c.R_X86_64_64, { section: '.rodata.names' });
    if (withName && all.funcs.slice(8, 16).every((byte) => byte === 0))
      builder.rela(names.funcs, 8, c.R_X86_64_64, 'replacement');
  }
  add('.note.gnu.build-id', all.buildId);
  add(names.depends, all.depends);
  add(names.xenDepends, all.xenDepends);
  return builder;
}
