/** Reads: laid-out-payload. Makes: laid-out-payload. Assumes: what is spliced is bound to names. Reports: nothing. */
import type { SerialPass } from '../src/engine/pass.js';
import * as c from '../src/elf/constants.js';
import type { OutputRela, OutputSection } from '../src/elf/write.js';
import { OutputNames } from '../src/model/output-names.js';
import type { BoundPlace, BoundSplice, LaidOutPayload } from '../src/model/payload-artifacts.js';
import { ByteSequence } from '../src/model/byte-sequence.js';
import {
  encodeFixup,
  encodeSplice,
  FIXUP_FIELDS,
  SPLICE_FIELDS,
  spliceSections,
} from '../src/xen/splice-records.js';

/** Appends what is changed where it is, for a loader that knows such splices: docs/payload-format.md. */
export const emitSplices: SerialPass<LaidOutPayload, LaidOutPayload> = {
  name: 'emit-splices',
  reads: 'laid-out-payload',
  makes: 'laid-out-payload',
  run: (payload) => {
    const { splices = [], context } = payload.resolved;
    if (splices.length === 0 || context.wishes.abi.name !== 'xsplice-v1') return payload;
    return new Emission(payload).emit(splices);
  },
};

class Emission {
  private readonly names: OutputNames;
  private readonly records = new ByteSequence();
  private readonly fixups = new ByteSequence();
  private readonly bytes = new ByteSequence();
  private readonly recordRelas: OutputRela[] = [];
  private readonly fixupRelas: OutputRela[] = [];
  private readonly bytesSymbol: number;
  private readonly fixupsSymbol: number;

  constructor(private readonly payload: LaidOutPayload) {
    this.names = new OutputNames(payload);
    const first = payload.object.sections.length;
    this.bytesSymbol = this.names.ofSection(first);
    this.fixupsSymbol = this.names.ofSection(first + 1);
  }

  emit(splices: readonly BoundSplice[]): LaidOutPayload {
    for (const splice of splices) for (const place of splice.places) this.addRecord(splice, place);
    const { object, resolved } = this.payload;
    const names = spliceSections(resolved.context.wishes.abi.sectionPrefix);
    const sections = [
      readOnly(names.bytes, 1, this.bytes.all(), []),
      readOnly(names.fixups, 8, this.fixups.all(), this.fixupRelas),
      readOnly(names.splices, 8, this.records.all(), this.recordRelas),
    ];
    return {
      ...this.payload,
      object: { ...object, sections: [...object.sections, ...sections], symbols: this.names.symbols },
    };
  }

  private addRecord(splice: BoundSplice, place: BoundPlace): void {
    const { resolved } = this.payload;
    const replaced = resolved.replaced[splice.function];
    const at = this.records.length;
    const point = (field: keyof typeof SPLICE_FIELDS, symbol: number, r_addend: number): void => {
      this.recordRelas.push({ r_offset: at + SPLICE_FIELDS[field], r_type: c.R_X86_64_64, symbol, r_addend });
    };
    this.records.add(
      encodeSplice({
        length: place.old.length,
        fixupCount: place.fixups.length,
        replacedSize: replaced.oldSize,
        holderSize: place.holder?.size ?? 0,
        kind: place.kind,
        permissions: place.permissions,
      }),
    );
    point('name', this.bytesSymbol, this.bytes.addOnce(Buffer.from(`${replaced.name}\0`, 'latin1')));
    point('address', this.names.ofAnchor(place.anchor), place.anchor.distance);
    point('old', this.bytesSymbol, this.bytes.add(place.old));
    point('new', this.bytesSymbol, this.bytes.add(place.new));
    point('fixups', this.fixupsSymbol, this.addFixups(place));
    point('replaced', this.names.ofAnchor(splice.anchor), splice.anchor.distance);
    if (splice.way === 'callers') {
      const { symbol, base } = this.names.ofIncluded(replaced.included);
      point('replacement', symbol, base);
    }
    if (place.holderAnchor !== undefined)
      point('holder', this.names.ofAnchor(place.holderAnchor), place.holderAnchor.distance);
  }

  /** Gives where the first of them stands. */
  private addFixups({ fixups }: BoundPlace): number {
    const first = this.fixups.length;
    for (const { at, r_type, included, external, addend } of fixups) {
      const { symbol, base } =
        included >= 0 ? this.names.ofIncluded(included) : { symbol: this.names.ofBinding(external), base: 0 };
      const r_offset = this.fixups.length + FIXUP_FIELDS.target;
      this.fixupRelas.push({ r_offset, r_type: c.R_X86_64_64, symbol, r_addend: base + addend });
      this.fixups.add(encodeFixup(at, r_type));
    }
    return first;
  }
}

function readOnly(
  name: string,
  sh_addralign: number,
  bytes: Uint8Array,
  relas: readonly OutputRela[],
): OutputSection {
  return { name, sh_type: c.SHT_PROGBITS, sh_flags: c.SHF_ALLOC, sh_addralign, sh_entsize: 0, bytes, relas };
}
