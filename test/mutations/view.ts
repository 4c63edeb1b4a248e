/**
 * Which thing refers to which, read off the relocations.
 *
 * A relocation designates S + A. In code, where the processor counts from the end of the instruction while A counts
 * from the field, the rest of the instruction is added, so code is decoded; in a bug frame the line number is taken
 * off, and displacements count from the start of the frame. A symbol other than that of a section stands for the
 * thing it lies in, whatever is added to it.
 */
import * as c from '../../src/elf/constants.js';
import { relocKind } from '../../src/elf/reloc-x86-64.js';
import { branchWidth, decodeCode, Flow, instructionAt } from '../../src/x86/decode.js';
import type { DecodedCode } from '../../src/x86/decode.js';
import type { Draft, DraftRela, DraftSection, DraftSymbol } from './draft.js';
import { isSectionSymbol } from './draft.js';
import { entrySizeOf, isCode } from './purpose.js';
import { filesOf, symbolsBySection, thingsOf } from './things.js';
import type { Thing } from './things.js';

/** What a relocation leads to inside the object. */
export interface Target {
  readonly section: DraftSection;
  /** Bytes into the section; may lie outside of it. */
  readonly at: number;
  readonly thing: Thing | undefined;
  /** From the field to the end of the instruction, or what else was added to S + A. */
  readonly correction: number;
}

/** A direct branch without a relocation. */
export interface Leap {
  readonly user: Thing;
  readonly section: DraftSection;
  /** Where its displacement stands, and in how many bytes. */
  readonly field: number;
  readonly width: 1 | 4;
  readonly at: number;
}

/** Every relocation of a loaded section, with the section. */
export interface Place {
  readonly section: DraftSection;
  readonly rela: DraftRela;
}

export class View {
  readonly draft: Draft;
  readonly things: readonly Thing[];
  readonly #bySection = new Map<DraftSection, readonly Thing[]>();
  readonly #code = new Map<Thing, DecodedCode>();
  #leaps: readonly Leap[] | undefined;
  #users: ReadonlyMap<Thing, ReadonlySet<Thing>> | undefined;

  constructor(draft: Draft) {
    this.draft = draft;
    const symbols = symbolsBySection(draft);
    const files = filesOf(draft);
    const things: Thing[] = [];
    for (const [k, section] of draft.sections.entries()) {
      const found = thingsOf(draft, k, symbols.get(section) ?? [], files);
      this.#bySection.set(section, found);
      things.push(...found);
    }
    this.things = things;
  }

  /** Whether the undefined-behaviour sanitizer was at work. */
  get isSanitized(): boolean {
    return this.draft.symbols.some(({ name }) => name.startsWith('__ubsan_handle_'));
  }

  sectionOf(thing: Thing): DraftSection {
    return this.draft.sections[thing.section];
  }

  thingsIn(section: DraftSection): readonly Thing[] {
    return this.#bySection.get(section) ?? [];
  }

  bytesOf(thing: Thing): Uint8Array {
    return this.sectionOf(thing).bytes.subarray(thing.start, thing.end);
  }

  symbolsIn(thing: Thing): DraftSymbol[] {
    const section = this.sectionOf(thing);
    return this.draft.symbols.filter(
      (s) =>
        s.section === section && !isSectionSymbol(s) && s.st_value >= thing.start && s.st_value < thing.end,
    );
  }

  relasIn(thing: Thing): DraftRela[] {
    return this.sectionOf(thing).relas.filter((r) => r.r_offset >= thing.start && r.r_offset < thing.end);
  }

  /** The thing that holds a byte; before and behind all bytes the one at that edge. */
  thingAt(section: DraftSection, at: number): Thing | undefined {
    const things = this.thingsIn(section);
    let low = 0;
    for (let high = things.length - 1; low < high;) {
      const middle = (low + high + 1) >>> 1;
      if (things[middle].start <= at) low = middle;
      else high = middle - 1;
    }
    return things.at(low);
  }

  /** Relocations of sections that mean something to running code. */
  places(): Place[] {
    return this.draft.sections
      .filter((section) => this.thingsIn(section).length > 0)
      .flatMap((section) => section.relas.map((rela) => ({ section, rela })));
  }

  code(thing: Thing): DecodedCode {
    const known = this.#code.get(thing);
    if (known !== undefined) return known;
    const code = decodeCode(this.bytesOf(thing));
    this.#code.set(thing, code);
    return code;
  }

  /** What a relocation leads to, or undefined when that is outside of the object. */
  target(section: DraftSection, rela: DraftRela): Target | undefined {
    const { symbol, r_addend } = rela;
    if (symbol === undefined || typeof symbol.section === 'string' || rela.r_type === c.R_X86_64_NONE)
      return undefined;
    const correction = this.#correction(section, rela);
    const at = symbol.st_value + r_addend + correction;
    const place = isSectionSymbol(symbol) ? at : symbol.st_value;
    return { section: symbol.section, at, thing: this.thingAt(symbol.section, place), correction };
  }

  #correction(section: DraftSection, { r_offset, r_type, r_addend }: DraftRela): number {
    if (relocKind(r_type)?.pcRelative !== true) return 0;
    if (section.name.startsWith('.bug_frames.')) {
      const field = r_offset % entrySizeOf(section);
      return field <= 4 ? signed24(r_addend) - r_addend - field : -field;
    }
    const user = this.thingAt(section, r_offset);
    if (user === undefined || !isCode(user.purpose)) return 0;
    const code = this.code(user);
    const k = instructionAt(code, r_offset - user.start);
    return k < 0 ? 4 : user.start + code.start[k] + code.length[k] - r_offset;
  }

  /** The things that hold references to a thing. */
  users(thing: Thing): ReadonlySet<Thing> {
    this.#users ??= this.#findUsers();
    return this.#users.get(thing) ?? new Set();
  }

  /** Where in a thing, counted from the start of its section, relocations of others lead. */
  entrances(thing: Thing): { readonly at: number; readonly user: Thing | undefined }[] {
    return this.places().flatMap(({ section, rela }) => {
      if (typeof rela.symbol?.section === 'string' || rela.symbol?.section !== this.sectionOf(thing))
        return [];
      const target = this.target(section, rela);
      return target?.thing === thing ? [{ at: target.at, user: this.thingAt(section, rela.r_offset) }] : [];
    });
  }

  #findUsers(): ReadonlyMap<Thing, ReadonlySet<Thing>> {
    const users = new Map<Thing, Set<Thing>>();
    for (const { section, rela } of this.places()) {
      const used = this.target(section, rela)?.thing;
      const user = this.thingAt(section, rela.r_offset);
      if (used === undefined || user === undefined || used === user || replacesByNothing(section, rela))
        continue;
      const known = users.get(used);
      if (known === undefined) users.set(used, new Set([user]));
      else known.add(user);
    }
    return users;
  }

  /** The code that an entry describes: what its first field leads to. */
  owner(entry: Thing): Thing | undefined {
    const section = this.sectionOf(entry);
    const key = section.relas.find((rela) => rela.r_offset === entry.start);
    return key === undefined ? undefined : this.target(section, key)?.thing;
  }

  /** Direct branches that the assembler resolved itself and that leave their thing: who branches where. */
  leaps(): readonly Leap[] {
    this.#leaps ??= this.things
      .filter((thing) => isCode(thing.purpose) && this.thingsIn(this.sectionOf(thing)).length > 1)
      .flatMap((thing) => this.#leapsOf(thing));
    return this.#leaps;
  }

  #leapsOf(user: Thing): Leap[] {
    const code = this.code(user);
    const section = this.sectionOf(user);
    const relocated = new Set(this.relasIn(user).map((rela) => rela.r_offset));
    const found: Leap[] = [];
    for (let k = 0; k < code.count; k++) {
      const direct = code.flow[k] >= Flow.jump && code.flow[k] <= Flow.call;
      const end = user.start + code.start[k] + code.length[k];
      const at = user.start + code.target[k];
      // What is copied over other code and branches to its end means what follows there.
      const last = section.name === '.altinstr_replacement' ? user.end : user.end - 1;
      if (!direct || (at >= user.start && at <= last)) continue;
      if (relocated.has(end - 4) || relocated.has(end - 1)) continue;
      const width = branchWidth(this.bytesOf(user), code.start[k]);
      found.push({ user, section, field: end - width, width, at });
    }
    return found;
  }
}

/** Whether this is where an alternative finds its replacement (byte 4), and that has no bytes (length at byte 11). */
function replacesByNothing({ name, bytes }: DraftSection, { r_offset }: DraftRela): boolean {
  return name === '.altinstructions' && r_offset % 14 === 4 && bytes[r_offset + 7] === 0;
}

/** The low 24 bits as a signed number. */
export function signed24(value: number): number {
  const low = ((value % 0x100_0000) + 0x100_0000) % 0x100_0000;
  return low >= 0x80_0000 ? low - 0x100_0000 : low;
}
