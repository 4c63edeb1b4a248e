/**
 * Moves and logic of 128-bit registers, as far as a kernel uses them without a floating point unit of its own:
 * to copy, to clear, to compare. Legacy encodings; the two VEX forms that Xen has clear nothing above bit 127,
 * because there is nothing here. SDM vol. 2.
 */
import type { Builder } from '../builder.js';
import type { BinaryKind, Expr } from '../ir.js';
import { Vector } from '../fault.js';
import type { Operation } from './operation.js';

type Pair = readonly [Expr, Expr];

function readVector(b: Builder, k: number, aligned: boolean): Pair {
  const operand = b.operand(k);
  if (operand.kind === 'xmm') {
    const half = (n: 0 | 1): Expr => b.let({ op: 'xmm', width: 64, index: operand.index, half: n });
    return [half(0), half(1)];
  }
  const address = b.address(k);
  if (aligned) demandAligned(b, address);
  const low = b.temp(64);
  const high = b.temp(64);
  b.add({ st: 'load128', low, high, address, modify: false, stack: b.memory(k).stack });
  return [low, high];
}

function demandAligned(b: Builder, address: Expr): void {
  b.when(b.not(b.isZero(b.binary('and', address, b.constant(64, 15)))), () => b.raise(Vector.GP));
}

function writeVector(b: Builder, k: number, [low, high]: Pair, aligned: boolean): void {
  const operand = b.operand(k);
  if (operand.kind === 'xmm') {
    b.add({ st: 'setXmm', index: operand.index, half: 0, value: low });
    b.add({ st: 'setXmm', index: operand.index, half: 1, value: high });
    return;
  }
  const address = b.address(k);
  if (aligned) demandAligned(b, address);
  b.add({ st: 'store128', address, low, high, stack: b.memory(k).stack });
}

/** Reads the low 64 or 32 bits of a vector register, a general register or memory. */
function readScalar(b: Builder, k: number, width: 32 | 64): Expr {
  const operand = b.operand(k);
  if (operand.kind !== 'xmm') return b.read(k, width);
  return b.let(b.trunc(width, { op: 'xmm', width: 64, index: operand.index, half: 0 }));
}

function moveScalar(b: Builder, width: 32 | 64): void {
  const value = readScalar(b, 1, width);
  const operand = b.operand(0);
  if (operand.kind === 'xmm') writeVector(b, 0, [b.zext(64, value), b.constant(64, 0)], false);
  else b.write(0, value);
}

function move(mnemonics: readonly string[], aligned: boolean): Operation {
  return {
    name: mnemonics[0].toLowerCase(),
    mnemonics,
    defines: 0,
    semantics: (b) => writeVector(b, 0, readVector(b, 1, aligned), aligned),
  };
}

function logic(mnemonics: readonly string[], kind: BinaryKind, invertFirst = false): Operation {
  return {
    name: mnemonics[0].toLowerCase(),
    mnemonics,
    forms: /xmm/,
    defines: 0,
    semantics: (b) => {
      const three = b.instruction.operands.length === 3;
      const x = readVector(b, three ? 1 : 0, true);
      const y = readVector(b, three ? 2 : 1, !three);
      const of = (n: 0 | 1): Expr => b.let(b.binary(kind, invertFirst ? b.not(x[n]) : x[n], y[n]));
      writeVector(b, 0, [of(0), of(1)], false);
    },
  };
}

export const VECTORS: readonly Operation[] = [
  move(['Movaps', 'Movapd', 'Movdqa', 'Movntdq', 'Movntps', 'Movntdqa'], true),
  move(['Movups', 'Movupd', 'Movdqu', 'Lddqu'], false),
  {
    name: 'movq',
    mnemonics: ['Movq'],
    forms: /^Movq_(xmm|rm64_xmm)/,
    defines: 0,
    semantics: (b) => moveScalar(b, 64),
  },
  {
    name: 'movd',
    mnemonics: ['Movd'],
    forms: /xmm/,
    defines: 0,
    semantics: (b) => moveScalar(b, 32),
  },
  logic(['Pxor', 'Xorps', 'Xorpd', 'Vpxor'], 'xor'),
  logic(['Por', 'Orps', 'Orpd', 'Vpor'], 'or'),
  logic(['Pand', 'Andps', 'Andpd'], 'and'),
  logic(['Pandn', 'Andnps', 'Andnpd'], 'and', true),
  logic(['Paddq'], 'add'),
  logic(['Psubq'], 'sub'),
  {
    name: 'punpcklqdq',
    mnemonics: ['Punpcklqdq'],
    defines: 0,
    semantics: (b) => {
      const [low] = readVector(b, 0, true);
      const [high] = readVector(b, 1, true);
      writeVector(b, 0, [low, high], false);
    },
  },
];
