/**
 * The registers of a processor, in one buffer, so that saving them is one copy and generated code of any kind
 * finds them at fixed places. Status flags are lazy: an instruction leaves its operands and its result, and
 * who asks for a flag computes it from them.
 *
 *   0x000 rax rcx rdx rbx rsp rbp rsi rdi r8 … r15   0x080 rip   0x088 rflags   0x08c what the lazy flags come from
 *   0x090 first operand, second operand, result      0x0a8 scratch   0x0b0 results of helpers (4)
 *   0x0d0 bases of es cs ss ds fs gs and of the kernel's gs   0x110 selectors of es cs ss ds fs gs ldt tr
 *   0x120 mxcsr   0x128 cr0 … cr15   0x1a8 dr0 … dr7   0x1e8 base and limit of gdt, idt   0x208 base of ldt, tr
 *   0x280 xmm0 … xmm15
 */

export const STATE_BYTES = 0x400;

/** Numbers of general registers, as ModRM and REX encode them. */
export const Gpr = { rax: 0, rcx: 1, rdx: 2, rbx: 3, rsp: 4, rbp: 5, rsi: 6, rdi: 7 } as const;

/** Numbers of segment registers, as ModRM encodes them. */
export const Segment = { es: 0, cs: 1, ss: 2, ds: 3, fs: 4, gs: 5, kernelGs: 6 } as const;

/** Bits of RFLAGS: SDM vol. 1, 3.4.3. */
export const Flag = {
  cf: 0x1,
  one: 0x2,
  pf: 0x4,
  af: 0x10,
  zf: 0x40,
  sf: 0x80,
  tf: 0x100,
  if: 0x200,
  df: 0x400,
  of: 0x800,
  nt: 0x4000,
  rf: 0x10000,
  ac: 0x40000,
  id: 0x200000,
} as const;

/** The flags that results of arithmetic set. */
export const STATUS_FLAGS = 0x8d5;

/**
 * What lazy flags come from; combined as `origin << 2 | width`, width 0 to 3 for 8 to 64 bits.
 * `inc`, `dec`: as add and sub, with CF from rflags. `result`: SF, ZF and PF from the result, the others from rflags.
 */
export const Lazy = { none: 0, add: 1, sub: 2, logic: 3, inc: 4, dec: 5, result: 6 } as const;

const PARITY = Uint8Array.from({ length: 256 }, (_, byte) => {
  let ones = 0;
  for (let bits = byte; bits !== 0; bits >>= 1) ones += bits & 1;
  return ones & 1 ? 0 : 1;
});

export class CpuState {
  readonly r64: BigUint64Array;
  readonly r32: Int32Array;
  readonly r16: Uint16Array;
  readonly r8: Uint8Array;
  readonly rip64: BigUint64Array;
  readonly rip32: Int32Array;
  /** [0] rflags as far as it is not lazy, [1] Lazy << 2 | width, or 0. */
  readonly flags: Int32Array;
  /** Operands and result of what the flags come from; narrow values are zero-extended, halves lie side by side. */
  readonly lazy64: BigUint64Array;
  readonly lazy32: Int32Array;
  readonly scratch64: BigUint64Array;
  readonly scratch32: Int32Array;
  readonly out64: BigUint64Array;
  readonly bases: BigUint64Array;
  readonly selectors: Uint16Array;
  readonly mxcsr: Int32Array;
  readonly cr: BigUint64Array;
  readonly dr: BigUint64Array;
  /** Base and limit of the GDT, base and limit of the IDT, base of the LDT, base of the task state segment. */
  readonly tables: BigUint64Array;
  readonly xmm: BigUint64Array;
  private readonly all: Uint8Array;

  constructor(buffer = new ArrayBuffer(STATE_BYTES), at = 0) {
    this.all = new Uint8Array(buffer, at, STATE_BYTES);
    this.r64 = new BigUint64Array(buffer, at, 16);
    this.r32 = new Int32Array(buffer, at, 32);
    this.r16 = new Uint16Array(buffer, at, 64);
    this.r8 = new Uint8Array(buffer, at, 128);
    this.rip64 = new BigUint64Array(buffer, at + 0x80, 1);
    this.rip32 = new Int32Array(buffer, at + 0x80, 2);
    this.flags = new Int32Array(buffer, at + 0x88, 2);
    this.lazy64 = new BigUint64Array(buffer, at + 0x90, 3);
    this.lazy32 = new Int32Array(buffer, at + 0x90, 6);
    this.scratch64 = new BigUint64Array(buffer, at + 0xa8, 1);
    this.scratch32 = new Int32Array(buffer, at + 0xa8, 2);
    this.out64 = new BigUint64Array(buffer, at + 0xb0, 4);
    this.bases = new BigUint64Array(buffer, at + 0xd0, 7);
    this.selectors = new Uint16Array(buffer, at + 0x110, 8);
    this.mxcsr = new Int32Array(buffer, at + 0x120, 1);
    this.cr = new BigUint64Array(buffer, at + 0x128, 16);
    this.dr = new BigUint64Array(buffer, at + 0x1a8, 8);
    this.tables = new BigUint64Array(buffer, at + 0x1e8, 6);
    this.xmm = new BigUint64Array(buffer, at + 0x280, 32);
    this.flags[0] = Flag.one;
    this.mxcsr[0] = 0x1f80;
  }

  save(): Uint8Array {
    return this.all.slice();
  }

  restore(saved: Uint8Array): void {
    this.all.set(saved);
  }

  /** RFLAGS with all flags worked out. */
  get rflags(): number {
    this.settle();
    return this.flags[0];
  }

  set rflags(value: number) {
    this.flags[0] = value | Flag.one;
    this.flags[1] = 0;
  }

  /** Works out the lazy flags into rflags. */
  settle(): void {
    if (this.flags[1] === 0) return;
    const status =
      (this.cf() ? Flag.cf : 0) |
      (this.pf() ? Flag.pf : 0) |
      (this.af() ? Flag.af : 0) |
      (this.zf() ? Flag.zf : 0) |
      (this.sf() ? Flag.sf : 0) |
      (this.of() ? Flag.of : 0);
    this.flags[0] = (this.flags[0] & ~STATUS_FLAGS) | status;
    this.flags[1] = 0;
  }

  cf(): boolean {
    const from = this.flags[1];
    const origin = from >> 2;
    if (origin === Lazy.logic) return false;
    if (origin !== Lazy.add && origin !== Lazy.sub) return (this.flags[0] & Flag.cf) !== 0;
    const half = (from & 3) === 3 ? 1 : 0;
    const a = this.lazy32[half];
    const b = this.lazy32[2 + half];
    const r = this.lazy32[4 + half];
    const carries = origin === Lazy.add ? (a & b) | ((a | b) & ~r) : (~a & b) | ((~a | b) & r);
    return ((carries << topShift(from)) & 0x80000000) !== 0;
  }

  of(): boolean {
    const from = this.flags[1];
    const origin = from >> 2;
    if (origin === Lazy.logic) return false;
    if (origin === Lazy.none || origin === Lazy.result) return (this.flags[0] & Flag.of) !== 0;
    const half = (from & 3) === 3 ? 1 : 0;
    const a = this.lazy32[half];
    const b = this.lazy32[2 + half];
    const r = this.lazy32[4 + half];
    const adds = origin === Lazy.add || origin === Lazy.inc;
    const overflow = adds ? (a ^ r) & (b ^ r) : (a ^ b) & (a ^ r);
    return ((overflow << topShift(from)) & 0x80000000) !== 0;
  }

  zf(): boolean {
    const from = this.flags[1];
    if (from === 0) return (this.flags[0] & Flag.zf) !== 0;
    return (from & 3) === 3 ? (this.lazy32[4] | this.lazy32[5]) === 0 : this.lazy32[4] === 0;
  }

  sf(): boolean {
    const from = this.flags[1];
    if (from === 0) return (this.flags[0] & Flag.sf) !== 0;
    const half = (from & 3) === 3 ? 5 : 4;
    return ((this.lazy32[half] << topShift(from)) & 0x80000000) !== 0;
  }

  pf(): boolean {
    if (this.flags[1] === 0) return (this.flags[0] & Flag.pf) !== 0;
    return PARITY[this.lazy32[4] & 0xff] !== 0;
  }

  af(): boolean {
    const origin = this.flags[1] >> 2;
    if (origin === Lazy.none || origin === Lazy.result) return (this.flags[0] & Flag.af) !== 0;
    if (origin === Lazy.logic) return false;
    return ((this.lazy32[0] ^ this.lazy32[2] ^ this.lazy32[4]) & 0x10) !== 0;
  }

  df(): boolean {
    return (this.flags[0] & Flag.df) !== 0;
  }
}

/** How far the highest bit of a lazy value is from bit 31 of the word it lies in. */
function topShift(from: number): number {
  const width = from & 3;
  return width >= 2 ? 0 : width === 1 ? 16 : 24;
}
