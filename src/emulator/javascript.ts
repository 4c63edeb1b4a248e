/**
 * Statements of the small language as JavaScript. Values up to 32 bits are numbers (32 bits signed, narrower ones
 * unsigned), 64 bits are bigints that V8 keeps in machine registers as long as they go from typed array to typed
 * array, truth values are booleans. What comes from the bytes of the instruction becomes a parameter, so that
 * the text, and what V8 learns of it, is the same for all instructions of one shape.
 */
import type { Expr, Statement, Width } from './ir.js';
import { Lazy } from './state.js';

export interface Source {
  /** Body of a function of `p0`, `p1`, … that gives a Step. */
  readonly text: string;
  readonly parameters: readonly (number | bigint)[];
}

/** Writes the step of one instruction; `address` is where it lies. */
export function javascriptOf(statements: readonly Statement[], address: bigint): Source {
  const writer = new Writer(address);
  const body = writer.block(statements);
  const lets = writer.declarations();
  return { text: `return () => {\n${lets}${body}};`, parameters: writer.parameters };
}

const SIGN_SHIFT: Readonly<Record<number, number>> = { 8: 24, 16: 16, 32: 0 };
const NARROW_MASK: Readonly<Record<number, string>> = { 8: '0xff', 16: '0xffff' };
const WIDTH_CODE: Readonly<Record<number, number>> = { 8: 0, 16: 1, 32: 2, 64: 3 };
const FLAG_BITS = { cf: 1, pf: 4, af: 16, zf: 64, sf: 128, df: 1024, of: 2048 } as const;

class Writer {
  readonly parameters: (number | bigint)[] = [];
  private readonly temps = new Map<number, Width>();

  constructor(private readonly address: bigint) {}

  declarations(): string {
    return [...this.temps]
      .map(([number, width]) => `let t${number} = ${width === 64 ? '0n' : width === 1 ? 'false' : '0'};\n`)
      .join('');
  }

  block(statements: readonly Statement[]): string {
    return statements.map((statement) => `${this.statement(statement)}\n`).join('');
  }

  private parameter(value: number | bigint): string {
    const known = this.parameters.indexOf(value);
    return `p${known >= 0 ? known : this.parameters.push(value) - 1}`;
  }

  private temp(temp: Expr & { op: 'temp' }): string {
    this.temps.set(temp.number, temp.width);
    return `t${temp.number}`;
  }

  private statement(s: Statement): string {
    switch (s.st) {
      case 'let':
        return `${this.temp(s.temp)} = ${this.expr(s.value)};`;
      case 'load': {
        const at = `a64[0] = ${this.expr(s.address)};`;
        const how = `${s.stack ? 1 : 0}, ${s.modify ? 1 : 0}`;
        return s.temp.width === 64
          ? `${at} M.load64(${how}); ${this.temp(s.temp)} = v64[0];`
          : `${at} ${this.temp(s.temp)} = M.load${s.temp.width}(${how});`;
      }
      case 'store':
        return this.store(s.address, s.value, s.stack);
      case 'load128':
        return (
          `a64[0] = ${this.expr(s.address)}; M.load128(${s.stack ? 1 : 0}, ${s.modify ? 1 : 0}); ` +
          `${this.temp(s.low)} = v64[0]; ${this.temp(s.high)} = v64[1];`
        );
      case 'store128':
        return (
          `a64[0] = ${this.expr(s.address)}; v64[0] = ${this.expr(s.low)}; v64[1] = ${this.expr(s.high)}; ` +
          `M.store128(${s.stack ? 1 : 0});`
        );
      case 'probe':
        return `a64[0] = ${this.expr(s.address)}; M.probeWrite(${s.bytes}, ${s.stack ? 1 : 0});`;
      case 'if':
        return `if (${this.expr(s.when)}) {\n${this.block(s.then)}}${s.else.length > 0 ? ` else {\n${this.block(s.else)}}` : ''}`;
      case 'jump':
        return `rip[0] = ${this.expr(s.target)};`;
      case 'raise':
        return `throw M.fault.raise(${s.vector}, ${s.errorCode});`;
      case 'call':
        return this.call(s);
      default:
        return this.assignment(s);
    }
  }

  private store(address: Expr, value: Expr, stack: boolean): string {
    const at = `a64[0] = ${this.expr(address)};`;
    const how = stack ? 1 : 0;
    return value.width === 64
      ? `${at} v64[0] = ${this.expr(value)}; M.store64(${how});`
      : `${at} M.store${value.width}(${this.expr(value)}, ${how});`;
  }

  private call(s: Statement & { st: 'call' }): string {
    const results = s.results.map((temp, k) => {
      const from =
        temp.width === 64
          ? `o64[${k}]`
          : temp.width === 1
            ? `o64[${k}] !== 0n`
            : temp.width === 32
              ? `Number(BigInt.asIntN(32, o64[${k}]))`
              : `Number(BigInt.asUintN(${temp.width}, o64[${k}]))`;
      return ` ${this.temp(temp)} = ${from};`;
    });
    const args = s.args.map((arg) => this.expr(arg)).join(', ');
    return `rip[0] = ${this.parameter(this.address)}; H.${s.helper}(${args});${results.join('')}`;
  }

  private assignment(s: Statement): string {
    switch (s.st) {
      case 'setReg':
        return this.setReg(s.index, s.value);
      case 'setHigh':
        return `r8[${this.parameter(s.index * 8 + 1)}] = ${this.expr(s.value)};`;
      case 'setXmm':
        return `x64[${this.parameter(s.index * 2 + s.half)}] = ${this.expr(s.value)};`;
      case 'setBase':
        return `bases[${s.segment}] = ${this.expr(s.value)};`;
      case 'lazy':
        return this.lazy(s);
      case 'result': {
        const flags = `(${this.expr(s.carry)} ? 1 : 0) | (${this.expr(s.overflow)} ? 2048 : 0)`;
        const slot = s.result.width === 64 ? 'l64[2]' : 'l32[4]';
        const from = (Lazy.result << 2) | WIDTH_CODE[s.result.width];
        return `fl[0] = (fl[0] & ~0x811) | ${flags}; ${slot} = ${this.expr(s.result)}; fl[1] = ${from};`;
      }
      case 'setFlags': {
        const mask = s.flags.reduce((bits, [name]) => bits | FLAG_BITS[name], 0);
        const bits = s.flags.map(([name, value]) => `(${this.expr(value)} ? ${FLAG_BITS[name]} : 0)`);
        return `{ const f = ${bits.join(' | ')}; S.settle(); fl[0] = (fl[0] & ~${mask}) | f; }`;
      }
      case 'setRflags':
        return `{ const f = ${this.expr(s.value)}; S.settle(); fl[0] = (fl[0] & ~${s.mask}) | (f & ${s.mask}); }`;
      default:
        throw new Error(`no assignment: ${s.st}`);
    }
  }

  private setReg(index: number, value: Expr): string {
    const { width } = value;
    if (width === 32) {
      const p = this.parameter(index * 2);
      return `r32[${p}] = ${this.expr(value)}; r32[${p} + 1] = 0;`;
    }
    if (width === 16) return `r16[${this.parameter(index * 4)}] = ${this.expr(value)};`;
    if (width === 8) return `r8[${this.parameter(index * 8)}] = ${this.expr(value)};`;
    if ((value.op === 'zext' || value.op === 'sext') && value.a.width > 1) {
      const p = this.parameter(index * 2);
      const low = this.expr({ op: value.op, width: 32, a: value.a });
      return value.op === 'zext'
        ? `r32[${p}] = ${low}; r32[${p} + 1] = 0;`
        : `{ const w = ${low}; r32[${p}] = w; r32[${p} + 1] = w >> 31; }`;
    }
    return `r64[${this.parameter(index)}] = ${this.expr(value)};`;
  }

  private lazy(s: Statement & { st: 'lazy' }): string {
    const wide = s.result.width === 64;
    const put = (slot: number, value: Expr): string =>
      wide ? `l64[${slot}] = ${this.expr(value)}; ` : `l32[${slot * 2}] = ${this.expr(value)}; `;
    const from = (Lazy[s.kind] << 2) | WIDTH_CODE[s.result.width];
    const keep =
      s.kind === 'inc' || s.kind === 'dec'
        ? 'if (fl[1] !== 0) fl[0] = S.cf() ? fl[0] | 1 : fl[0] & ~1; '
        : '';
    const operands = s.kind === 'logic' ? '' : put(0, s.a) + put(1, s.b);
    return `${keep}${operands}${put(2, s.result)}fl[1] = ${from};`;
  }

  private expr(e: Expr): string {
    switch (e.op) {
      case 'const':
        return this.constant(e);
      case 'reg':
        return this.register(e.index, e.width);
      case 'high':
        return `r8[${this.parameter(e.index * 8 + 1)}]`;
      case 'xmm':
        return `x64[${this.parameter(e.index * 2 + e.half)}]`;
      case 'base':
        return `bases[${e.segment}]`;
      case 'temp':
        return this.temp(e);
      case 'not':
        return this.not(e.width, this.expr(e.a));
      case 'binary':
        return e.width === 64 ? this.wideBinary(e) : this.narrowBinary(e);
      case 'compare':
        return this.compare(e);
      case 'select':
        return `(${this.expr(e.when)} ? ${this.expr(e.a)} : ${this.expr(e.b)})`;
      case 'zext':
        return this.zext(e.width, e.a);
      case 'sext':
        return this.sext(e.width, e.a);
      case 'trunc':
        return this.trunc(e.width, e.a);
      case 'flag':
        return `S.${e.name}()`;
      case 'rflags':
        return 'S.rflags';
    }
  }

  private constant({ width, value, fromBytes }: Expr & { op: 'const' }): string {
    if (width === 1) return value === 0n ? 'false' : 'true';
    if (width === 64) return fromBytes ? this.parameter(value) : `${value}n`;
    const number = Number(width === 32 ? BigInt.asIntN(32, value) : value);
    return fromBytes ? this.parameter(number) : number < 0 ? `(${number})` : String(number);
  }

  private register(index: number, width: Width): string {
    if (width === 64) return `r64[${this.parameter(index)}]`;
    if (width === 32) return `r32[${this.parameter(index * 2)}]`;
    return width === 16 ? `r16[${this.parameter(index * 4)}]` : `r8[${this.parameter(index * 8)}]`;
  }

  private not(width: Width, a: string): string {
    if (width === 64) return `BigInt.asUintN(64, ~${a})`;
    if (width === 1) return `!${a}`;
    return width === 32 ? `(~${a})` : `(~${a} & ${NARROW_MASK[width]})`;
  }

  private count(count: Expr, wide: boolean): string {
    if (!wide) return count.width === 64 ? this.trunc(32, count) : this.expr(count);
    if (count.op === 'const' && !count.fromBytes) return `${count.value}n`;
    return this.zext(64, count);
  }

  private wideBinary({ kind, a, b }: Expr & { op: 'binary' }): string {
    const left = this.expr(a);
    switch (kind) {
      case 'add':
        return `BigInt.asUintN(64, ${left} + ${this.expr(b)})`;
      case 'sub':
        return `BigInt.asUintN(64, ${left} - ${this.expr(b)})`;
      case 'mul':
        return `BigInt.asUintN(64, ${left} * ${this.expr(b)})`;
      case 'and':
        return `(${left} & ${this.expr(b)})`;
      case 'or':
        return `(${left} | ${this.expr(b)})`;
      case 'xor':
        return `(${left} ^ ${this.expr(b)})`;
      case 'shl':
        return `BigInt.asUintN(64, ${left} << ${this.count(b, true)})`;
      case 'shr':
        return `(${left} >> ${this.count(b, true)})`;
      case 'sar':
        return `BigInt.asUintN(64, BigInt.asIntN(64, ${left}) >> ${this.count(b, true)})`;
    }
  }

  private narrowBinary({ kind, width, a, b }: Expr & { op: 'binary' }): string {
    const left = this.expr(a);
    const right = kind === 'shl' || kind === 'shr' || kind === 'sar' ? this.count(b, false) : this.expr(b);
    if (width === 1) {
      const sign = { and: '&&', or: '||', xor: '!==' };
      if (kind !== 'and' && kind !== 'or' && kind !== 'xor') throw new Error(`no ${kind} of truth values`);
      return `(${left} ${sign[kind]} ${right})`;
    }
    const cut = (text: string): string =>
      width === 32 ? `(${text} | 0)` : `((${text}) & ${NARROW_MASK[width]})`;
    switch (kind) {
      case 'add':
        return cut(`${left} + ${right}`);
      case 'sub':
        return cut(`${left} - ${right}`);
      case 'mul':
        return cut(`Math.imul(${left}, ${right})`);
      case 'and':
        return `(${left} & ${right})`;
      case 'or':
        return `(${left} | ${right})`;
      case 'xor':
        return `(${left} ^ ${right})`;
      case 'shl':
        return cut(`${left} << ${right}`);
      case 'shr':
        return cut(`${left} >>> ${right}`);
      case 'sar':
        return cut(`${this.signed(width, left)} >> ${right}`);
    }
  }

  /** A narrow value as a signed number. */
  private signed(width: Width, text: string): string {
    return width === 32 ? text : `(${text} << ${SIGN_SHIFT[width]} >> ${SIGN_SHIFT[width]})`;
  }

  private compare({ kind, a, b }: Expr & { op: 'compare' }): string {
    const left = this.expr(a);
    const right = this.expr(b);
    if (kind === 'eq') return `(${left} === ${right})`;
    if (kind === 'ne') return `(${left} !== ${right})`;
    if (kind === 'ult')
      return a.width === 32 ? `((${left} >>> 0) < (${right} >>> 0))` : `(${left} < ${right})`;
    return a.width === 64
      ? `(BigInt.asIntN(64, ${left}) < BigInt.asIntN(64, ${right}))`
      : `(${this.signed(a.width, left)} < ${this.signed(a.width, right)})`;
  }

  private zext(width: Width, a: Expr): string {
    const text = this.expr(a);
    if (a.width === width) return text;
    if (a.width === 1) return width === 64 ? `(${text} ? 1n : 0n)` : `(${text} ? 1 : 0)`;
    return width === 64 ? `(s32[0] = ${text}, s32[1] = 0, s64[0])` : text;
  }

  private sext(width: Width, a: Expr): string {
    const text = this.expr(a);
    if (a.width === width) return text;
    if (width === 64) return `(s32[0] = ${this.signed(a.width, text)}, s32[1] = s32[0] >> 31, s64[0])`;
    return width === 32 ? this.signed(a.width, text) : `(${this.signed(a.width, text)} & 0xffff)`;
  }

  private trunc(width: Width, a: Expr): string {
    if (a.width === width) return this.expr(a);
    if (a.width === 64 && a.op === 'reg' && width > 1) return this.register(a.index, width);
    const low = a.width === 64 ? `(s64[0] = ${this.expr(a)}, s32[0])` : this.expr(a);
    if (width === 1) return `((${low} & 1) !== 0)`;
    return width === 32 ? low : `(${low} & ${NARROW_MASK[width]})`;
  }
}
