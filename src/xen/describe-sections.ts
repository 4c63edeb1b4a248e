/**
 * Reads the structures of a payload's sections field by field, for dumps. Fields that relocations fill are left
 * to the relocation shown beneath them. Layouts: function-records.ts, special-sections.ts.
 */
import type { DumpField } from '../elf/dump.js';
import { relocName } from '../elf/reloc-x86-64.js';
import type { ElfSection } from '../elf/read.js';
import { bugFrameKind } from '../model/section-role.js';
import { entrySize } from './special-sections.js';
import { EXPECTATION_FIELD } from './function-records.js';
import {
  FIXUP_BYTES,
  FIXUP_FIELDS,
  SPLICE_BYTES,
  SPLICE_FIELDS,
  SPLICE_SIZES,
  SpliceKind,
  spliceSections,
} from './splice-records.js';
import { ABIS, XEN_TARGET } from './versions.js';

/** The fields of a section that Xen gives a structure, or undefined for any other and for sizes that do not fit. */
export function describeXenSection(section: ElfSection, bytes: Uint8Array): readonly DumpField[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (/^\.(livepatch|xsplice)\.funcs$/.test(section.name)) return functionRecords(view);
  const { splices, fixups } = spliceSections('.xsplice');
  if (section.name === splices) return each(view, SPLICE_BYTES, splice);
  if (section.name === fixups) return each(view, FIXUP_BYTES, fixup);
  if (section.name === '.altinstructions') return each(view, XEN_TARGET.altInstrSize, alternative);
  if (section.name === '.ex_table') {
    return each(view, XEN_TARGET.exTableSize, (at) => [field(at, 4, 'addr'), field(at + 4, 4, 'cont')]);
  }
  if (bugFrameKind(section.name) >= 0)
    return each(view, entrySize(section, 'bug-frames', XEN_TARGET) ?? 0, bugFrame);
  return undefined;
}

const field = (at: number, length: number, text: string): DumpField => ({ offset: at, length, text });

function each(
  view: DataView,
  size: number,
  describe: (at: number, view: DataView, size: number) => DumpField[],
): DumpField[] | undefined {
  if (size === 0 || view.byteLength % size !== 0) return undefined;
  const fields: DumpField[] = [];
  for (let at = 0; at < view.byteLength; at += size) fields.push(...describe(at, view, size));
  return fields;
}

function functionRecords(view: DataView): DumpField[] | undefined {
  const sizes = [ABIS['livepatch-v2'].recordSize, ABIS['livepatch-v1'].recordSize];
  // The version stands at the same place in both.
  const size = view.byteLength > 32 && view.getUint8(32) === 1 ? sizes[1] : sizes[0];
  return each(view, size, (at) => [
    field(at, 8, 'name'),
    field(at + 8, 8, 'new_addr'),
    field(at + 16, 8, `old_addr 0x${view.getBigUint64(at + 16, true).toString(16)}`),
    field(at + 24, 4, `new_size ${view.getUint32(at + 24, true)}`),
    field(at + 28, 4, `old_size ${view.getUint32(at + 28, true)}`),
    field(at + 32, 1, `version ${view.getUint8(at + 32)}`),
    ...restOfRecord(view, at, size),
  ]);
}

/** What the hypervisor keeps there, and, where the payload says it, what the old function begins with. */
function restOfRecord(view: DataView, at: number, size: number): DumpField[] {
  const expects = size > EXPECTATION_FIELD ? view.getUint8(at + EXPECTATION_FIELD) : 0;
  if ((expects & 1) === 0) return [field(at + 33, size - 33, 'for the hypervisor')];
  return [
    field(at + 33, EXPECTATION_FIELD - 33, 'for the hypervisor'),
    field(at + EXPECTATION_FIELD, size - EXPECTATION_FIELD, `expects ${(expects >> 1) & 31} bytes`),
  ];
}

function splice(at: number, view: DataView): DumpField[] {
  const size = (name: keyof typeof SPLICE_SIZES): number => view.getUint32(at + SPLICE_SIZES[name], true);
  const byte = (name: keyof typeof SPLICE_SIZES): number => view.getUint8(at + SPLICE_SIZES[name]);
  const kind = Object.entries(SpliceKind).find(([, code]) => code === byte('kind'))?.[0] ?? 'unknown';
  const bits = byte('permissions');
  const permissions = ['r', 'w', 'x'].filter((_, k) => (bits & (4 >> k)) !== 0).join('');
  return [
    ...Object.entries(SPLICE_FIELDS).map(([name, from]) => field(at + from, 8, name)),
    field(at + SPLICE_SIZES.length, 4, `length ${size('length')}`),
    field(at + SPLICE_SIZES.fixupCount, 4, `fixup_count ${size('fixupCount')}`),
    field(at + SPLICE_SIZES.replacedSize, 4, `replaced_size ${size('replacedSize')}`),
    field(at + SPLICE_SIZES.holderSize, 4, `holder_size ${size('holderSize')}`),
    field(at + SPLICE_SIZES.version, 8, `version ${byte('version')} kind ${kind} permissions ${permissions}`),
  ];
}

function fixup(at: number, view: DataView): DumpField[] {
  const [into, type] = [FIXUP_FIELDS.into, FIXUP_FIELDS.type].map((from) => view.getUint32(at + from, true));
  return [field(at, 8, 'target'), field(at + FIXUP_FIELDS.into, 8, `at +${into}, ${relocName(type)}`)];
}

function alternative(at: number, view: DataView): DumpField[] {
  const cpuid = view.getUint16(at + 8, true);
  const [orig, repl, pad] = [10, 11, 12].map((k) => view.getUint8(at + k));
  return [
    field(at, 4, 'orig_offset'),
    field(at + 4, 4, 'repl_offset'),
    field(at + 8, 6, `cpuid ${cpuid >> 5}*32+${cpuid & 31} orig_len ${orig} repl_len ${repl} pad_len ${pad}`),
  ];
}

function bugFrame(at: number, _view: DataView, size: number): DumpField[] {
  const fields = [field(at, 4, 'loc_disp | line_hi << 24'), field(at + 4, 4, 'ptr_disp | line_lo << 24')];
  if (size === 16) fields.push(field(at + 8, 4, 'zero'), field(at + 12, 4, 'msg_disp'));
  return fields;
}
