/** Significant mutators that change what stands in one thing: an instruction, a byte of a string or of data, a size. */
import * as c from '../../src/elf/constants.js';
import { patch, splice } from './draft.js';
import { changedInstruction, writtenBytes } from './instructions.js';
import { significant } from './mutator.js';
import type { Change, Mutator } from './mutator.js';
import { isCode, isMergeable, isStrings } from './purpose.js';
import type { Random } from './random.js';
import type { Thing } from './things.js';
import type { View } from './view.js';

const hex = (value: number): string => `0x${value.toString(16)}`;
export const titleOf = (thing: Thing): string => thing.titles[0];

/** Changes one instruction of one of the things that `wanted` takes. */
function instructionOf(name: string, wanted: (thing: Thing, view: View) => boolean): Mutator {
  return significant(name, (view, random) => {
    const thing = random.pick(view.things.filter((t) => isCode(t.purpose) && wanted(t, view)));
    const found = thing === undefined ? undefined : changedInstruction(view, thing, random);
    return thing === undefined || found === undefined
      ? undefined
      : byteChange(view, thing, found.at, found.value);
  });
}

/** Changes one byte, outside of relocated fields, of one of the things that `wanted` takes. */
function byteOf(name: string, wanted: (thing: Thing, view: View) => boolean): Mutator {
  return significant(name, (view, random) => {
    const candidates = view.things.filter((t) => wanted(t, view) && view.bytesOf(t).length > 0);
    const thing = random.pick(candidates);
    if (thing === undefined) return undefined;
    const written = writtenBytes(view, thing);
    const at = random.below(thing.end - thing.start);
    if (written.has(at) || (isDescription(view, thing) && at >= 8 && at < 12)) return undefined;
    return byteChange(view, thing, at, view.bytesOf(thing)[at] ^ (1 + random.below(255)));
  });
}

/** struct { const char *file; u32 line, column; … } of the undefined-behaviour sanitizer: lines are no change. */
function isDescription(view: View, thing: Thing): boolean {
  return /^\.data(\.rel\.local)?\.\.L/.test(view.sectionOf(thing).name);
}

function byteChange(view: View, thing: Thing, at: number, value: number): Change {
  const before = view.bytesOf(thing)[at];
  return {
    what: `byte ${hex(at)} of ${titleOf(thing)} from ${hex(before)} to ${hex(value)}`,
    touched: [thing],
    make: () => {
      patch(view.sectionOf(thing), thing.start + at, [value]);
      return true;
    },
  };
}

/** A letter of a string, behind every place to which code refers: whoever uses only its tail must see it, too. */
function changeString(view: View, random: Random): Change | undefined {
  const strings = view.things.filter((t) => isStrings(view.sectionOf(t)) && view.users(t).size > 0);
  const thing = random.pick(strings);
  if (thing === undefined) return undefined;
  if (isStamp(Buffer.from(view.bytesOf(thing)).toString('latin1'))) return undefined;
  const width = view.sectionOf(thing).sh_entsize;
  const length = thing.end - thing.start - width;
  const inside = view
    .entrances(thing)
    .map(({ at }) => at - thing.start)
    .filter((at) => at > 0 && at < length);
  const first = Math.ceil(Math.max(0, ...inside) / width);
  const last = length / width;
  if (first >= last) return undefined;
  const at = width * (first + random.below(last - first));
  const letter = random.pick(LETTERS.filter((l) => l !== view.bytesOf(thing)[at]));
  return letter === undefined ? undefined : byteChange(view, thing, at, letter);
}

/** Whether a string tells when something was built: two of them are one stamp of two builds to the differ. */
export function isStamp(text: string): boolean {
  return /\d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d{4}/.test(text);
}

const LETTERS = Array.from('xyzXYZ~', (letter) => letter.charCodeAt(0));

/** Makes the last datum of a section larger. */
function grow(view: View, random: Random): Change | undefined {
  const candidates = view.draft.sections.flatMap((section) => {
    const last = view.thingsIn(section).at(-1);
    const isDatum = last?.symbol !== undefined && !isCode(last.purpose) && !isMergeable(section);
    return isDatum && last.fate !== 'entry' ? [last] : [];
  });
  const thing = random.pick(candidates);
  const symbol = thing?.symbol;
  if (thing === undefined || symbol === undefined || symbol.st_value !== thing.start) return undefined;
  const more = 8 * (1 + random.below(4));
  return {
    what: `${titleOf(thing)} ${more} bytes larger`,
    touched: [thing],
    make: () => {
      const section = view.sectionOf(thing);
      splice(section, section.size, 0, new Uint8Array(more));
      for (const alias of view.symbolsIn(thing)) {
        if (alias.st_value === thing.start && alias.st_size === symbol.st_size && alias !== symbol)
          alias.st_size += more;
      }
      symbol.st_size += more;
      return true;
    },
  };
}

/** Gives a variable without one an initial value, so that it moves to a section with bytes. */
function initialise(view: View, random: Random, perCpu: boolean): Change | undefined {
  const zero = view.things.filter((thing) => {
    const wanted = perCpu ? thing.purpose === 'per-cpu' : thing.purpose === 'writable';
    return wanted && thing.fate === 'fixed' && view.sectionOf(thing).sh_type === c.SHT_NOBITS;
  });
  const thing = random.pick(zero);
  if (thing === undefined || hasTwins(view, thing)) return undefined;
  const at = thing.start + random.below(thing.end - thing.start);
  return {
    what: `${titleOf(thing)} gets an initial value`,
    touched: [thing],
    make: () => {
      const section = view.sectionOf(thing);
      section.sh_type = c.SHT_PROGBITS;
      section.bytes = new Uint8Array(section.size);
      section.bytes[at] = 1 + random.below(255);
      if (!perCpu) section.name = section.name.replace(/^\.bss/, '.data');
      return true;
    },
  };
}

/**
 * Whether static locals of one name are told apart by what they hold, among other things: then nobody can say which of
 * them has become another. The differ takes them for new and the builder refuses to choose.
 */
function hasTwins(view: View, thing: Thing): boolean {
  const stable = titleOf(thing).replace(/\.\d+$/, '');
  return view.things.filter((other) => titleOf(other).replace(/\.\d+$/, '') === stable).length > 1;
}

const isUsed = (thing: Thing, view: View): boolean => view.users(thing).size > 0;

export const CONTENT_MUTATORS: readonly Mutator[] = [
  instructionOf('change-instruction', (thing) => thing.purpose === 'code' && thing.fate === 'function'),
  instructionOf('change-boot-code', (thing) => thing.purpose === 'boot-code' && thing.fate === 'fixed'),
  instructionOf('change-assembly', (thing) => thing.fate === 'assembly'),
  instructionOf(
    'change-fixup',
    (thing, view) => view.sectionOf(thing).name === '.fixup' && isUsed(thing, view),
  ),
  byteOf('change-replacement', (thing, view) => view.sectionOf(thing).name === '.altinstr_replacement'),
  significant('change-string', changeString),
  byteOf('change-pooled-constant', (thing, view) => {
    return isMergeable(view.sectionOf(thing)) && !isStrings(view.sectionOf(thing)) && isUsed(thing, view);
  }),
  byteOf('change-literal', (thing, view) => {
    return (
      thing.fate === 'part' &&
      !isCode(thing.purpose) &&
      !isMergeable(view.sectionOf(thing)) &&
      isUsed(thing, view)
    );
  }),
  byteOf('change-constant', (thing) => thing.fate === 'constant'),
  byteOf('change-variable', (thing) => thing.purpose === 'writable' && thing.fate === 'fixed'),
  byteOf('change-boot-data', (thing) => thing.purpose === 'boot-data' && thing.fate === 'fixed'),
  byteOf('change-boot-table', (thing) => thing.purpose === 'boot-table' && thing.fate === 'fixed'),
  significant('initialise-variable', (view, random) => initialise(view, random, false)),
  significant('initialise-per-cpu', (view, random) => initialise(view, random, true)),
  significant('grow-datum', grow),
];
