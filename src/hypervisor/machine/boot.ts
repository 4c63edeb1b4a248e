/**
 * What the hypervisor has done to itself by the time it is up, as far as a payload can see it: exception tables are
 * sorted, alternatives are applied, init memory is gone, text and read-only data are protected.
 *
 * Pointers behind calls that boot would have made direct are left to be read at each call: their values come from
 * drivers and schedulers that did not run here. Source: xen/arch/x86/setup.c, xen/arch/x86/alternative.c.
 */
import type { Guest, TextRegion } from '../guest.js';
import { describeAddress } from '../loader/alternative-calls.js';
import type { PatchedGuest } from '../loader/alternative-calls.js';
import { applyAlternatives } from '../loader/alternatives.js';
import { sortExceptionTable } from '../loader/exception-table.js';
import { readU32, writeU32 } from '../guest-memory.js';
import type { LoaderProfile } from '../profiles.js';
import type { ImageSymbols } from './image-symbols.js';

/** enum system_state: early_boot, boot, smp_boot, active. */
const SYS_STATE_ACTIVE = 3;
const SYSTEM_STATE = 'system_state';
const EX_ENTRY_BYTES = 8n;
const BUG_FRAME_BYTES = 8n;

/** The tables of the image itself; undefined for an image that does not delimit its text. */
export function coreRegion(symbols: ImageSymbols): TextRegion | undefined {
  const start = symbols.lookup('_stext');
  const end = symbols.lookup('_etext');
  if (start === 0n || end <= start) return undefined;
  const bugFrames = [0, 1, 2, 3].map((kind) => {
    const from = symbols.lookup(kind === 0 ? '__start_bug_frames' : `__stop_bug_frames_${kind - 1}`);
    return table(from, symbols.lookup(`__stop_bug_frames_${kind}`), BUG_FRAME_BYTES);
  });
  const exTable = table(
    symbols.lookup('__start___ex_table'),
    symbols.lookup('__stop___ex_table'),
    EX_ENTRY_BYTES,
  );
  return { owner: 'xen', text: { start, end }, bugFrames, exTable };
}

function table(start: bigint, end: bigint, size: bigint): { address: bigint; count: number } {
  return start === 0n || end <= start
    ? { address: 0n, count: 0 }
    : { address: start, count: Number((end - start) / size) };
}

type Call = (address: bigint, ...args: readonly bigint[]) => void;

/** Brings the mapped image into the state of a hypervisor that runs. `profile`: of the release that it is. */
export function bootImage(guest: Guest, symbols: ImageSymbols, profile: LoaderProfile, call: Call): void {
  const { memory } = guest;
  const region = coreRegion(symbols);
  if (region?.exTable !== undefined && region.exTable.count > 0)
    sortExceptionTable(memory, region.exTable.address, region.exTable.count);
  const start = symbols.lookup('__alt_instructions');
  const size = BigInt(profile.altInstrSize);
  const { count } = table(start, symbols.lookup('__alt_instructions_end'), size);
  if (count > 0) applyAlternatives(patched(guest, profile), { address: start, count }, { force: false });
  const state = symbols.lookup(SYSTEM_STATE);
  if (state !== 0n && readU32(memory, state, SYSTEM_STATE) < SYS_STATE_ACTIVE)
    writeU32(memory, state, SYS_STATE_ACTIVE, SYSTEM_STATE);
  registerCore(symbols, call);
  const initStart = symbols.lookup('__init_begin');
  const initEnd = symbols.lookup('__init_end');
  for (let page = initStart & ~4095n; initStart !== 0n && page < initEnd; page += 4096n)
    if (memory.permissionsAt(page) !== undefined) memory.unmap(page, 4096);
}

/** The hypervisor under the rules of its own release, whatever rules its loader is to have. */
function patched(guest: Guest, profile: LoaderProfile): PatchedGuest {
  return {
    profile,
    memory: guest.memory,
    console: guest.console,
    toolchainNopsAreIdeal: guest.toolchainNopsAreIdeal,
    lookup: (name) => guest.lookup(name),
    describeAddress: (address) => describeAddress(guest, address),
    hasFeature: (feature) => guest.hasFeature(feature),
    nop: (length) => guest.nop(length),
  };
}

/** Lets the hypervisor's own code know its text, as it does early in boot, and forget init code: %ps asks for it. */
function registerCore(symbols: ImageSymbols, call: Call): void {
  const setUp = symbols.lookup('setup_virtual_regions');
  const forgetInit = symbols.lookup('unregister_init_virtual_region');
  if (setUp === 0n || forgetInit === 0n) return;
  call(setUp, symbols.lookup('__start___ex_table'), symbols.lookup('__stop___ex_table'));
  call(forgetInit);
}
