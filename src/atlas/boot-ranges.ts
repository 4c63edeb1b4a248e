/**
 * Code of the hypervisor that booting changes, so that what the image holds there is not what runs: what alternatives
 * are written over, calls through pointers that are made direct (4.21), endbr64 that are taken off.
 */
import { imageProfileOf } from '../hypervisor/choose-profile.js';
import type { AddressMap } from './address-map.js';
import type { PlaceRange } from './branches.js';

const PAD_LEN = 12;
const ORIG_LEN = 10;
const CALL_BYTES = 6;
const ENDBR_BYTES = 4;

export function bootRanges(map: AddressMap): PlaceRange[] {
  const { image, profile } = map.subject;
  const { altInstrSize } = imageProfileOf(image) ?? profile;
  return [
    ...tableOf(map, '__alt_instructions', '__alt_instructions_end', altInstrSize, (view, at) => {
      const start = at + view.getInt32(0, true);
      const padding = altInstrSize > PAD_LEN ? view.getUint8(PAD_LEN) : 0;
      return { start, end: start + view.getUint8(ORIG_LEN) + padding };
    }),
    ...tableOf(map, '__alt_call_sites_start', '__alt_call_sites_end', 4, (view, at) => {
      const start = at + view.getInt32(0, true);
      return { start, end: start + CALL_BYTES };
    }),
    ...tableOf(map, '__initdata_cf_clobber_start', '__initdata_cf_clobber_end', 8, (view) => {
      const start = map.place(view.getBigUint64(0, true));
      return { start, end: start + ENDBR_BYTES };
    }),
  ];
}

function tableOf(
  map: AddressMap,
  from: string,
  to: string,
  size: number,
  rangeOf: (view: DataView, at: number) => PlaceRange,
): PlaceRange[] {
  const start = map.symbols.called(from)?.start;
  const end = map.symbols.called(to)?.start;
  if (start === undefined || end === undefined || end <= start) return [];
  const bytes = map.bytesAt(start, end - start);
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, k) =>
    rangeOf(new DataView(bytes.buffer, bytes.byteOffset + k * size, size), start + k * size),
  );
}
