/**
 * Which bytes of the image's code are not, in a running hypervisor, what they are in the file: booting replaces
 * instructions by alternatives, makes indirect calls direct, and takes the endbr64 off functions that nothing calls
 * indirectly any more.
 *
 *   __alt_instructions            entries as in special-sections.ts; orig_len + pad_len bytes from orig_offset on
 *   __alt_call_sites_start        s32 distances to calls of 6 bytes (4.21)
 *   __initdata_cf_clobber_start   addresses of functions
 *
 * Source: xen/arch/x86/alternative.c, xen/arch/x86/xen.lds.S.
 */
import type { TargetProfile } from './versions.js';
import { bytesAt, placeOf, symbolsNamed } from './linked-image.js';
import type { LinkedImage } from './linked-image.js';

/** A range of places, the end excluded. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const ORIG_LEN = 10;
const PAD_LEN = 12;
const CALL_SIZE = 6;
const ENDBR_SIZE = 4;

/** The ranges that booting may change, in no order. An image without such tables has none. */
export function bootChanges(image: LinkedImage, target: TargetProfile): Range[] {
  return [
    ...entriesOf(
      image,
      '__alt_instructions',
      '__alt_instructions_end',
      target.altInstrSize,
      (view, place) => {
        const start = place + view.getInt32(0, true);
        // Entries of 12 bytes know no padding.
        const padding = target.altInstrSize > PAD_LEN ? view.getUint8(PAD_LEN) : 0;
        return { start, end: start + view.getUint8(ORIG_LEN) + padding };
      },
    ),
    ...entriesOf(image, '__alt_call_sites_start', '__alt_call_sites_end', 4, (view, place) => {
      const start = place + view.getInt32(0, true);
      return { start, end: start + CALL_SIZE };
    }),
    ...entriesOf(image, '__initdata_cf_clobber_start', '__initdata_cf_clobber_end', 8, (view) => {
      const start = placeOf(image.origin, view.getBigUint64(0, true));
      return { start, end: start + ENDBR_SIZE };
    }),
  ];
}

/** Larger tables than this are none. */
const MOST_ENTRIES = 1 << 20;

function entriesOf(
  image: LinkedImage,
  startName: string,
  endName: string,
  size: number,
  rangeOf: (view: DataView, place: number) => Range,
): Range[] {
  const [first] = symbolsNamed(image, startName);
  const [last] = symbolsNamed(image, endName);
  if (first === undefined || last === undefined) return [];
  const start = image.places[first];
  const count = Math.min(MOST_ENTRIES, Math.floor((image.places[last] - start) / size));
  const bytes = count > 0 ? bytesAt(image, start, count * size) : undefined;
  if (bytes === undefined) return [];
  return Array.from({ length: count }, (_, k) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + k * size, size);
    return rangeOf(view, start + k * size);
  });
}
