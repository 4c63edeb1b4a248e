/**
 * One function twice, as objects of their own that can be compared and shown: as the object has it, and as the linked
 * hypervisor has it. In a linked image no relocation is left. Its distances are read off the instructions, and what
 * they lead to is called by the image's symbols, or by its text where a string stands; the relocations of the object
 * are spelt in the same way, so that equal targets read alike.
 */
import * as c from '../elf/constants.js';
import { asBuffer } from '../elf/read.js';
import { relocKind, relocWidth } from '../elf/reloc-x86-64.js';
import { branchWidth, decodeCode, Flow, ipRelativeOperands } from '../x86/decode.js';
import { bytesAt, symbolBefore, symbolName } from '../xen/linked-image.js';
import type { LinkedImage } from '../xen/linked-image.js';
import { stringAt } from './base-fields.js';
import { emptyObject } from './empty-object.js';
import { bareName } from './names.js';
import type { Atom, ObjectModel, Ref } from './object-model.js';
import { atomBytes, atomTitle } from './object-model.js';
import type { FunctionVerdict } from './prove-functions.js';
import { isCode } from './section-role.js';
import { quoted, stringFrom } from './spell-target.js';

/** A field of code that leads somewhere: to `value` bytes behind the thing that is called `name`. */
interface Lead {
  readonly at: number;
  readonly r_type: number;
  readonly name: string;
  readonly value: number;
}

/** Characters of a string that stand for it. */
const SHOWN = 200;

/** Code as an object with one function and names that it leaves open. */
function sideOf(atom: Atom, bytes: Uint8Array, leads: readonly Lead[]): ObjectModel {
  const code = Uint8Array.from(bytes);
  const names = ['', ...new Set(leads.map(({ name }) => name))];
  const ordered = [...leads].sort((a, b) => a.at - b.at);
  for (const { at, r_type } of ordered) code.fill(0, at, at + Math.max(0, relocWidth(r_type)));
  const refs = ordered.map(({ at, r_type, name, value }): Ref => {
    const symbol = names.indexOf(name);
    return { at, r_type, atom: -1, symbol, value, correction: 0, high: 0, seam: false };
  });
  const none = emptyObject(atom.name);
  const count = names.length;
  const section = { sh_offset: 0, sh_link: 0, sh_info: 0, sh_addralign: 1, sh_entsize: 0, sh_addr: 0n };
  return {
    file: {
      ...none,
      bytes: code,
      sections: [
        { ...section, index: 0, name: '', sh_type: c.SHT_NULL, sh_flags: 0, sh_size: 0 },
        {
          ...section,
          index: 1,
          name: '.text',
          sh_type: c.SHT_PROGBITS,
          sh_flags: c.SHF_ALLOC | c.SHF_EXECINSTR,
          sh_size: code.length,
        },
      ],
      symbols: {
        section: 0,
        count,
        firstGlobal: 1,
        names,
        st_info: new Uint8Array(count).fill(c.STB_GLOBAL << 4),
        st_other: new Uint8Array(count),
        st_shndx: new Uint32Array(count),
        st_value: new BigUint64Array(count),
        st_size: new BigUint64Array(count),
      },
      relaOf: new Int32Array(2).fill(-1),
    },
    atoms: [
      {
        ...atom,
        index: 0,
        kind: 'function',
        role: 'text',
        section: 1,
        start: 0,
        size: code.length,
        symbols: [],
        label: -1,
      },
    ],
    firstAtom: Int32Array.of(0, 0, 1),
    atomOfSymbol: new Int32Array(count).fill(-1),
    refs: [refs],
    entries: [[]],
  };
}

/** The function as the object has it. */
export function objectSide(model: ObjectModel, atom: Atom): ObjectModel {
  const bytes = Uint8Array.from(atomBytes(model, atom));
  const view = new DataView(bytes.buffer);
  const leads: Lead[] = [];
  for (const ref of model.refs[atom.index]) {
    const distance = relocKind(ref.r_type)?.pcRelative === true && relocWidth(ref.r_type) === 4;
    // A function that calls itself: in the image that is a branch like any other.
    if (ref.atom === atom.index && distance) view.setInt32(ref.at, ref.value - ref.at - ref.correction, true);
    else leads.push({ at: ref.at, r_type: typeOf(ref.r_type), ...spell(model, ref) });
  }
  return sideOf(atom, bytes, leads);
}

/** Calls are spelt PC32 or PLT32; in an image nothing tells. */
function typeOf(r_type: number): number {
  return relocKind(r_type)?.pcRelative === true && relocWidth(r_type) === 4 ? c.R_X86_64_PC32 : r_type;
}

function spell(model: ObjectModel, ref: Ref): { name: string; value: number } {
  if (ref.atom < 0) return { name: model.file.symbols.names[ref.symbol] ?? '', value: ref.value };
  const target = model.atoms[ref.atom];
  if (target.kind === 'string' && ref.value >= 0 && ref.value < target.size)
    return { name: quoted(stringFrom(model, target, ref.value), SHOWN), value: 0 };
  if (target.name === '' && !isCode(target.role)) return NAMELESS;
  return { name: atomTitle(model, target), value: ref.value };
}

/** Tables and constants: where they lie is for linkers, and what they hold is compared by itself. */
const NAMELESS = { name: 'data without a name', value: 0 };

/** The function as the image has it; undefined when there are no bytes of it. */
export function imageSide(image: LinkedImage, atom: Atom, verdict: FunctionVerdict): ObjectModel | undefined {
  // Code behind the end of the symbol belongs to the function, too, where the sizes agree.
  const size = verdict.kind === 'size' && verdict.imageSize > 0 ? verdict.imageSize : atom.size;
  const bytes = verdict.place < 0 ? undefined : bytesAt(image, verdict.place, size);
  if (bytes === undefined) return undefined;
  const lead = (at: number, r_type: number, target: number): Lead[] => {
    if (target >= 0 && target < size) return [];
    return [{ at, r_type, ...spellTarget(image, verdict.place + target) }];
  };
  const code = decodeCode(bytes);
  const leads: Lead[] = [];
  for (let i = 0; i < code.count; i++) {
    if (code.flow[i] < Flow.jump || code.flow[i] > Flow.call) continue;
    const width = branchWidth(bytes, code.start[i]);
    const at = code.start[i] + code.length[i] - width;
    leads.push(...lead(at, width === 1 ? c.R_X86_64_PC8 : c.R_X86_64_PC32, code.target[i]));
  }
  for (const { at, target } of ipRelativeOperands(bytes)) leads.push(...lead(at, c.R_X86_64_PC32, target));
  return sideOf(atom, bytes, leads);
}

function spellTarget(image: LinkedImage, place: number): { name: string; value: number } {
  const near = symbolBefore(image, place);
  const named = near === undefined ? '' : symbolName(image, near.symbol);
  const bare = bareName(named);
  const holds = near !== undefined && (near.into === 0 || near.into < image.sizes[near.symbol]);
  const text = holds ? undefined : printableAt(image, place);
  if (text !== undefined) return { name: quoted(text, SHOWN), value: 0 };
  if (!holds && sectionAt(image, place)?.includes('text') === false) return NAMELESS;
  return { name: bare === '' ? 'somewhere' : bare, value: near?.into ?? place };
}

function sectionAt({ contents }: LinkedImage, place: number): string | undefined {
  return contents.find((one) => place >= one.place && place < one.place + one.bytes.length)?.section;
}

/** The string at a place of data, if one stands there that could be meant as text. */
function printableAt(image: LinkedImage, place: number): string | undefined {
  if (sectionAt(image, place)?.includes('text') !== false) return undefined;
  const bytes = stringAt(image, place);
  const text = bytes === undefined ? undefined : asBuffer(bytes).toString('latin1');
  return text !== undefined && /^[\t\n\r\x1b -~]{2,}$/.test(text) ? text : undefined;
}
