/**
 * Entries of a payload's tables that describe code: alternatives are written over it at upload, bug frames and
 * exception entries are looked up when it traps or faults. The hypervisor looks only where the code lies, so an entry
 * of other code is never found, and what it promised does not happen.
 *
 * Formats are those of xen/special-sections.ts; bytes are read as the loader left them.
 */
import type { Diagnostic } from '../../diag/diagnostic.js';
import { diagnostic } from '../../diag/diagnostic.js';
import type { AddressMap, MappedPayload, MappedSection } from '../../atlas/address-map.js';

const BUG_FRAME_BYTES = 8;
/** The frame of an assertion has a second half, with the distance to its message. */
const ASSERT = 3;
const RUN_FUNCTION = 0;
const EX_ENTRY_BYTES = 8;
const FRAMES = ['run_fn', 'WARN()', 'BUG()', 'ASSERT()'];

export function checkTables(map: AddressMap, home: MappedPayload): Diagnostic[] {
  const table = new TableCheck(map, home);
  return [...table.alternatives(), ...table.exceptions(), ...table.bugFrames()];
}

class TableCheck {
  private readonly text: { readonly start: number; readonly end: number };

  constructor(
    private readonly map: AddressMap,
    private readonly home: MappedPayload,
  ) {
    const { text } = home.payload;
    this.text = { start: map.place(text.start), end: map.place(text.end) };
  }

  /** {orig_offset, repl_offset, cpuid, lengths}: in 12 bytes up to 4.10, in 14 with a pad length since 4.11. */
  alternatives(): Diagnostic[] {
    const size = this.map.subject.profile.altInstrSize;
    const section = this.home.sections.find(({ name }) => name === '.altinstructions');
    if (section?.bytes === undefined) return [];
    const view = viewOf(section.bytes);
    const found: Diagnostic[] = [];
    for (let at = 0; at + size <= view.byteLength; at += size) {
      const orig = section.start + at + view.getInt32(at, true);
      const repl = section.start + at + 4 + view.getInt32(at + 4, true);
      const total = view.getUint8(at + 10) + (size === 14 ? view.getUint8(at + 12) : 0);
      if (!this.inText(orig, total))
        found.push(this.harmful(section, at, `the alternative is written over ${this.map.title(orig)}`));
      else if (!this.inPayload(repl, view.getUint8(at + 11)))
        found.push(this.harmful(section, at, `the alternative is read from ${this.map.title(repl)}`));
    }
    return found;
  }

  exceptions(): Diagnostic[] {
    const { exTable } = this.home.payload.region;
    if (exTable === undefined) return [];
    const start = this.map.place(exTable.address);
    const view = viewOf(this.map.bytesAt(start, exTable.count * EX_ENTRY_BYTES));
    const section = this.map.sectionAt(start);
    if (section === undefined) return [];
    const found: Diagnostic[] = [];
    for (let at = 0; at + EX_ENTRY_BYTES <= view.byteLength; at += EX_ENTRY_BYTES) {
      const fault = start + at + view.getInt32(at, true);
      const fixup = start + at + 4 + view.getInt32(at + 4, true);
      const entryAt = start - section.start + at;
      if (!this.isCode(fixup))
        found.push(
          this.harmful(section, entryAt, `a fault goes on at ${this.map.title(fixup)}, where no code is`),
        );
      else if (!this.inText(fault, 1)) found.push(this.unseen(section, entryAt, 'exception', fault));
    }
    return found;
  }

  /** Distances of 24 bits from the start of the frame; the loader does not notice when they do not reach. */
  bugFrames(): Diagnostic[] {
    return this.home.payload.region.bugFrames.flatMap(({ address, count }, kind) => {
      const start = this.map.place(address);
      const bytes = this.map.bytesAt(start, count * BUG_FRAME_BYTES);
      const section = this.map.sectionAt(start);
      if (section === undefined) return [];
      const step = kind === ASSERT ? 2 * BUG_FRAME_BYTES : BUG_FRAME_BYTES;
      const found: Diagnostic[] = [];
      for (let at = 0; at < bytes.length; at += step)
        found.push(...this.bugFrame(section, start + at, kind, viewOf(bytes.subarray(at, at + step))));
      return found;
    });
  }

  private bugFrame(section: MappedSection, frame: number, kind: number, view: DataView): Diagnostic[] {
    const entryAt = frame - section.start;
    if (view.byteLength < BUG_FRAME_BYTES) return [];
    const torn = kind === ASSERT && (view.byteLength < 2 * BUG_FRAME_BYTES || view.getInt32(8, true) !== 0);
    if (torn)
      return [
        diagnostic('XS636', {
          message: 'the frame of an ASSERT() has lost its second half, which holds the message',
          at: this.map.locate(frame),
          hint: 'frames in .bug_frames.3 have 16 bytes; whatever made the payload must copy them whole',
        }),
      ];
    const code = frame + low24(view, 0);
    const said = frame + low24(view, 4);
    if (!this.inText(code, 1)) return [this.unseen(section, entryAt, FRAMES[kind] ?? 'bug', code)];
    if (kind !== RUN_FUNCTION || this.isCode(said)) return [];
    return [
      this.harmful(
        section,
        entryAt,
        `run_in_exception_handler() calls ${this.map.title(said)}, where no code is`,
      ),
    ];
  }

  private harmful(section: MappedSection, section_offset: number, what: string): Diagnostic {
    return diagnostic('XS619', {
      message: `${section.name}: ${what}`,
      at: this.map.locate(section.start + section_offset),
      hint: 'an entry belongs to code of the same payload; whatever made the payload must bring both or neither',
    });
  }

  private unseen(section: MappedSection, section_offset: number, what: string, code: number): Diagnostic {
    return diagnostic('XS636', {
      message: `${section.name}: the entry for the ${what} at ${this.map.title(code)} is never found: that is not code of the payload`,
      at: this.map.locate(section.start + section_offset),
      hint: 'whatever made the payload must copy entries together with the code that they describe',
    });
  }

  private inText(place: number, length: number): boolean {
    return place >= this.text.start && place + length <= this.text.end;
  }

  private inPayload(place: number, length: number): boolean {
    return place >= this.home.start && place + length <= this.home.end;
  }

  /** Code that is there when the payload runs: its own, that of payloads below, or of the hypervisor after boot. */
  private isCode(place: number): boolean {
    const section = this.map.sectionAt(place);
    return section !== undefined && section.executable && !section.boot && section.owner <= this.home.owner;
  }
}

const low24 = (view: DataView, at: number): number => (view.getInt32(at, true) << 8) >> 8;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
