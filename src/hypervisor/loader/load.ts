/**
 * UPLOAD from the bytes on: what the loader of the running hypervisor makes of a payload, or why it refuses it.
 *
 * The steps, and the checks in each, come in the order of the real one, so that a payload with several faults is
 * refused for the same one. Source: load_payload_data(), prepare_payload() and free_payload() in
 * xen/common/livepatch.c.
 */
import type { Guest, TextRegion } from '../guest.js';
import { XenError } from '../errno.js';
import { sayLastWords } from '../panic.js';
import type { LoadedPayload, LoadedSection, PerformedRelocation } from '../payload.js';
import { prepareAlternativeCalls, prepareAlternatives } from './alternative-sections.js';
import { checkXenBuildId, checkXenDepends, readBuildIds } from './build-id.js';
import type { BuildIds } from './build-id.js';
import { prepareExceptionTable } from './exception-table.js';
import { describeFunction, prepareFunctions } from './function-records.js';
import { readBytes } from '../guest-memory.js';
import { checkHeader } from './header.js';
import { findHooks } from './hook-sections.js';
import { placeSections, securePages } from './placement.js';
import type { Placement, Region } from './placement.js';
import { RawPayload } from './raw-payload.js';
import { performRelocations } from './relocations.js';
import { checkPatchingSections, checkSpecialSections, countEntries } from './required-sections.js';
import { nameSections, readSectionTable } from './sections.js';
import type { SectionTable } from './sections.js';
import { prepareSplices } from './splice-records.js';
import { buildSymbolTable } from './symbol-table.js';
import { findSymbolSections, isLoaded, readSymbols, resolveSymbols } from './symbols.js';
import type { SymbolTable } from './symbols.js';
import { u64 } from './u64.js';
import { Upload } from './upload.js';

const BUGFRAME_NR = 4;
const BUG_FRAME_SIZE = 8;

/**
 * Loads a payload beside those that are loaded, which come in the order of their uploads.
 *
 * Throws XenError for what is refused: its message is on the console by then, and nothing stays allocated. Throws
 * HostDied where the real host would not survive. `raw` has 2 MiB at most: the hypercall sees to it.
 */
export function loadPayload(
  guest: Guest,
  loaded: readonly LoadedPayload[],
  name: string,
  raw: Uint8Array,
): LoadedPayload {
  const upload = new Upload(guest, loaded, name);
  try {
    return loadInto(upload, raw);
  } catch (thrown) {
    throw sayLastWords(guest.console, thrown);
  }
}

function loadInto(upload: Upload, raw: Uint8Array): LoadedPayload {
  const { guest } = upload;
  const { table, symtab } = parse(upload, new RawPayload(raw));
  const xenBuildId = guest.profile.buildIdFirst ? checkXenBuildId(upload, table) : undefined;
  const payload = place(upload, table, (placement) => {
    resolveSymbols(upload, table, symtab);
    const relocations = performRelocations(upload, table, symtab);
    checkSpecialSections(upload, table);
    checkPatchingSections(upload, table);
    const prepared = prepare({ upload, table, symtab, placement, relocations, xenBuildId });
    securePages(guest, placement);
    return prepared;
  });
  if (guest.profile.regionFrom === 'upload') guest.registerRegion(payload.region);
  return payload;
}

/** Frees what the loader allocated for a payload that is not applied. */
export function unloadPayload(guest: Guest, payload: LoadedPayload): void {
  if (guest.profile.regionFrom === 'upload') guest.unregisterRegion(payload.region);
  if (payload.pages !== 0) guest.freePages(payload.text.start, payload.pages);
}

function parse(
  upload: Upload,
  raw: RawPayload,
): { readonly table: SectionTable; readonly symtab: SymbolTable } {
  const header = checkHeader(upload, raw);
  const table = readSectionTable(upload, raw, header);
  const sections = findSymbolSections(upload, table);
  nameSections(upload, table);
  return { table, symtab: readSymbols(upload, table, sections) };
}

/** Gives the payload its pages for the rest of the way, and takes them back when it is refused there. */
function place(
  upload: Upload,
  table: SectionTable,
  then: (placement: Placement) => LoadedPayload,
): LoadedPayload {
  const placement = placeSections(upload, table);
  try {
    return then(placement);
  } catch (thrown) {
    if (thrown instanceof XenError && placement.pages !== 0)
      upload.guest.freePages(placement.text.start, placement.pages);
    throw thrown;
  }
}

interface Linked {
  readonly upload: Upload;
  readonly table: SectionTable;
  readonly symtab: SymbolTable;
  readonly placement: Placement;
  readonly relocations: readonly PerformedRelocation[];
  readonly xenBuildId: Uint8Array | undefined;
}

function prepare({ upload, table, symtab, placement, relocations, xenBuildId }: Linked): LoadedPayload {
  const { guest, name } = upload;
  const records = prepareFunctions(upload, table);
  const splices = prepareSplices(upload, table, placement);
  const hooks = findHooks(upload, table);
  const ids = readBuildIds(upload, table);
  const bugFrames = findBugFrames(upload, table);
  prepareAlternatives(upload, table, placement);
  prepareAlternativeCalls(upload, table, placement);
  const exTable = prepareExceptionTable(upload, table);
  const metadata = findMetadata(upload, table);
  if (ids.xenDepends !== undefined) checkXenDepends(upload, ids.xenDepends);
  const symbols = buildSymbolTable(upload, table, symtab, { records, splices });
  const text = rangeOf(placement.text);
  return {
    name,
    sections: describeSections(upload, table),
    text,
    rw: rangeOf(placement.rw),
    ro: rangeOf(placement.ro),
    pages: placement.pages,
    safeToReapply: placement.safeToReapply,
    ...(upload.guest.profile.clearsBss && { bss: placement.bss.map(rangeOf) }),
    functions: records.map((at) => describeFunction(guest, at)),
    splices,
    hooks,
    ...idsOf(ids, xenBuildId),
    metadata,
    region: { owner: name, text, bugFrames, exTable },
    symbols,
    relocations,
  };
}

function idsOf(ids: BuildIds, xenBuildId: Uint8Array | undefined): BuildIds {
  return { ...ids, xenDepends: xenBuildId ?? ids.xenDepends };
}

function findBugFrames(upload: Upload, table: SectionTable): TextRegion['bugFrames'] {
  return Array.from({ length: BUGFRAME_NR }, (_, kind) => {
    const section = table.named(`.bug_frames.${kind}`);
    if (section === undefined) return { address: 0n, count: 0 };
    return { address: section.loadAddress, count: countEntries(upload, section, BUG_FRAME_SIZE) };
  });
}

/** `.modinfo`: strings, the last of which must end. An empty one is looked at 4 GiB further on, as the real one does. */
function findMetadata(upload: Upload, table: SectionTable): LoadedPayload['metadata'] {
  const section = upload.guest.profile.metadata ? table.named('.modinfo') : undefined;
  if (section === undefined) return undefined;
  const length = Number(BigInt.asUintN(32, section.sh_size));
  const last = BigInt.asUintN(32, section.sh_size - 1n);
  const [byte] = readBytes(upload.guest.memory, section.loadAddress + last, 1, 'the end of .modinfo');
  if (byte !== 0) throw upload.refuse('EINVAL', 'Incorrect metadata format detected');
  return { address: section.loadAddress, length };
}

function describeSections(upload: Upload, table: SectionTable): LoadedSection[] {
  return table.all
    .filter((section) => isLoaded(upload, section))
    .map((section) => ({
      index: section.index,
      name: section.name,
      address: section.loadAddress,
      size: Number(section.sh_size),
      sh_flags: Number(section.sh_flags),
    }));
}

function rangeOf({ start, size }: Region): { readonly start: bigint; readonly end: bigint } {
  return { start, end: u64(start + size) };
}
