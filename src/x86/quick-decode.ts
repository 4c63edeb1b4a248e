/**
 * Finds where an instruction ends and how control leaves it, for the encodings that compilers emit most: integer
 * instructions of the one-byte and the 0F map. It is what a comparison of two trees does most often, and asking
 * iced-x86 costs ten times as much. For everything else (vector, x87, privileged, LOCK, rare prefixes, what does
 * not fit or does not exist) it knows no answer, and iced is asked; that both agree is tested on random bytes.
 *
 *   prefixes  REX  opcode  ModRM  SIB  displacement  immediate
 *
 * Source of the tables: Intel SDM volume 2, appendix A.2 (tables ), in 64-bit mode.
 */
import { Flow } from './flow.js';

/** What follows an opcode; 0 is unknown here. */
const NONE = 1;
const MODRM = 2;
const IMM8 = 4;
/** Two bytes with an operand-size prefix, else four. */
const IMMZ = 8;
/** As IMMZ, and eight with REX.W: mov to a register. */
const IMMV = 16;
/** A displacement of a direct branch. */
const REL8 = 32;
const REL32 = 64;
/** The register field of ModRM belongs to the opcode: only some values are known. */
const GROUP = 128;

const ONE = new Uint8Array(256);
const TWO = new Uint8Array(256);

function fill(table: Uint8Array, kind: number, ...ranges: readonly (readonly [number, number])[]): void {
  for (const [from, to] of ranges) table.fill(kind, from, to + 1);
}

for (let row = 0; row < 0x40; row += 8) {
  fill(ONE, MODRM, [row, row + 3]);
  fill(ONE, IMM8, [row + 4, row + 4]);
  fill(ONE, IMMZ, [row + 5, row + 5]);
}
fill(ONE, NONE, [0x50, 0x5f], [0x6c, 0x6f], [0x90, 0x99], [0x9c, 0x9f], [0xa4, 0xa7], [0xaa, 0xaf]);
fill(ONE, NONE, [0xc3, 0xc3], [0xc9, 0xc9], [0xcc, 0xcc], [0xec, 0xef], [0xf5, 0xf5], [0xf8, 0xfd]);
fill(ONE, MODRM, [0x63, 0x63], [0x84, 0x8b]);
fill(ONE, MODRM | IMMZ, [0x69, 0x69]);
fill(ONE, MODRM | IMM8, [0x6b, 0x6b], [0x80, 0x80], [0x83, 0x83]);
fill(ONE, MODRM | IMMZ, [0x81, 0x81]);
fill(ONE, IMM8, [0x6a, 0x6a], [0xa8, 0xa8], [0xb0, 0xb7], [0xe4, 0xe7]);
fill(ONE, IMMZ, [0x68, 0x68], [0xa9, 0xa9]);
fill(ONE, IMMV, [0xb8, 0xbf]);
fill(ONE, REL8, [0x70, 0x7f], [0xeb, 0xeb]);
fill(ONE, REL32, [0xe8, 0xe9]);
fill(ONE, MODRM | GROUP, [0x8d, 0x8d], [0xd0, 0xd3], [0xf6, 0xf7], [0xfe, 0xff]);
fill(ONE, MODRM | IMM8 | GROUP, [0xc0, 0xc1], [0xc6, 0xc6]);
fill(ONE, MODRM | IMMZ | GROUP, [0xc7, 0xc7]);

fill(TWO, NONE, [0x0b, 0x0b], [0x30, 0x32], [0xa2, 0xa2], [0xc8, 0xcf]);
fill(TWO, MODRM, [0x1f, 0x1f], [0x40, 0x4f], [0x90, 0x9f], [0xa3, 0xa3], [0xa5, 0xa5], [0xab, 0xab]);
fill(TWO, MODRM, [0xad, 0xad], [0xaf, 0xb1], [0xb3, 0xb3], [0xb6, 0xb7], [0xbb, 0xc1]);
fill(TWO, MODRM | IMM8, [0xa4, 0xa4], [0xac, 0xac]);
fill(TWO, MODRM | IMM8 | GROUP, [0xba, 0xba]);
fill(TWO, REL32, [0x80, 0x8f]);

export class QuickDecoder {
  /** Of the instruction that was looked at last: bytes, Flow, and the displacement of a direct branch. */
  length = 0;
  flow: number = Flow.next;
  displacement = 0;
  private place = 0;
  private short = false;
  private wide = false;
  /** Bytes of an immediate that a member of a group has besides. */
  private behind = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** Looks at the instruction that begins at `at`; false when it is none that is known here. */
  look(at: number): boolean {
    const { bytes } = this;
    this.flow = Flow.next;
    this.behind = 0;
    this.skipPrefixes(at);
    const escaped = bytes[this.place] === ESCAPE;
    if (escaped) this.place += 1;
    const opcode = bytes[this.place++] ?? 0;
    const kind = escaped ? TWO[opcode] : ONE[opcode];
    if (kind === 0) return false;
    if ((kind & MODRM) !== 0 && !this.skipAddress(kind, escaped, opcode)) return false;
    this.place += this.immediateSize(kind) + this.behind;
    if (this.place > bytes.length) return false;
    if ((kind & (REL8 | REL32)) !== 0) {
      // Processors do not agree on what a prefix does to a branch.
      if (this.short || this.wide) return false;
      this.branch(kind, escaped, opcode);
    } else if (escaped ? opcode === UD2 : opcode === RET) this.flow = Flow.leaves;
    this.length = this.place - at;
    return true;
  }

  /** One of each kind, and REX last: what compilers write. Others make the byte behind an unknown opcode. */
  private skipPrefixes(at: number): void {
    const { bytes } = this;
    let place = at;
    this.short = bytes[place] === 0x66;
    if (this.short) place += 1;
    if (bytes[place] === 0xf2 || bytes[place] === 0xf3) place += 1;
    if (bytes[place] === 0x64 || bytes[place] === 0x65 || bytes[place] === 0x2e) place += 1;
    const rex = (bytes[place] & 0xf0) === 0x40;
    this.wide = rex && (bytes[place] & 8) !== 0;
    this.place = rex ? place + 1 : place;
  }

  /** Moves behind ModRM, SIB and displacement (SDM volume 2, tables 2-2 and 2-3). */
  private skipAddress(kind: number, escaped: boolean, opcode: number): boolean {
    const { bytes } = this;
    const modrm = bytes[this.place] ?? 0;
    if ((kind & GROUP) !== 0 && !this.isKnownMember(escaped, opcode, modrm)) return false;
    this.place += 1;
    const mode = modrm >> 6;
    if (mode === 3) return true;
    let base = modrm & 7;
    if (base === 4) base = (bytes[this.place++] ?? 0) & 7;
    if (mode === 1) this.place += 1;
    else if (mode === 2 || base === 5) this.place += 4;
    return true;
  }

  /** Whether the form that ModRM selects is one that the table describes; TEST of group 3 has an immediate besides. */
  private isKnownMember(escaped: boolean, opcode: number, modrm: number): boolean {
    const member = (modrm >> 3) & 7;
    if (escaped) return member >= 4;
    switch (opcode) {
      case 0x8d:
        return modrm < 0xc0;
      case 0xf6:
      case 0xf7:
        if (member === 0) this.behind = opcode === 0xf6 ? 1 : this.operandSize();
        return member !== 1;
      case 0xfe:
        return member <= 1;
      case 0xff:
        if (member === 2) this.flow = Flow.indirectCall;
        if (member === 4) this.flow = Flow.leaves;
        return member <= 2 || member === 4 || member === 6;
      case 0xc6:
      case 0xc7:
        return member === 0;
      default:
        // The alias of a shift to the left.
        return member !== 6;
    }
  }

  private operandSize(): number {
    return this.short && !this.wide ? 2 : 4;
  }

  private immediateSize(kind: number): number {
    if ((kind & (IMM8 | REL8)) !== 0) return 1;
    if ((kind & REL32) !== 0) return 4;
    if ((kind & IMMV) !== 0) return this.wide ? 8 : this.operandSize();
    return (kind & IMMZ) !== 0 ? this.operandSize() : 0;
  }

  private branch(kind: number, escaped: boolean, opcode: number): void {
    const { bytes, place } = this;
    this.displacement =
      kind === REL8
        ? (bytes[place - 1] << 24) >> 24
        : bytes[place - 4] | (bytes[place - 3] << 8) | (bytes[place - 2] << 16) | (bytes[place - 1] << 24);
    const conditional = escaped || opcode < 0x80;
    this.flow = conditional ? Flow.conditional : opcode === CALL ? Flow.call : Flow.jump;
  }
}

const ESCAPE = 0x0f;
const UD2 = 0x0b;
const RET = 0xc3;
const CALL = 0xe8;
