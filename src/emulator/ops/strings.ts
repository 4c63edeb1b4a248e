/**
 * String operations. With a repeat prefix, one pass over the semantics is one iteration that leads back to the
 * instruction, so that a fault or a budget finds it between two elements, as the SDM says (vol. 2, REP).
 */
import type { Builder } from '../builder.js';
import type { Expr, Width } from '../ir.js';
import { Gpr } from '../state.js';
import { ALL_STATUS } from './operation.js';
import type { Operation } from './operation.js';

/** What one element does; gives the condition under which a repetition goes on, if there is one. */
type Element = (b: Builder, width: Width) => Expr | undefined;

function addressWidth(b: Builder): 32 | 64 {
  for (const operand of b.instruction.operands) if (operand.kind === 'memory') return operand.addressWidth;
  return 64;
}

/** Steps a pointer by one element, up or down as DF says. */
function advance(b: Builder, register: number, width: Width): void {
  const wide = addressWidth(b);
  const bytes = width / 8;
  const by = b.select(b.flag('df'), b.constant(wide, -bytes), b.constant(wide, bytes));
  b.setReg(register, b.binary('add', { op: 'reg', width: wide, index: register }, by));
}

function elementWidth(b: Builder): Width {
  const memory = b.instruction.operands.findIndex((operand) => operand.kind === 'memory');
  return b.width(memory);
}

/** `compares`: flags change with each element, and a fault takes that back. */
function repeated(element: Element, compares = false): (b: Builder) => void {
  return (b) => {
    const width = elementWidth(b);
    if (b.instruction.repeat === '') {
      element(b, width);
      return;
    }
    const wide = addressWidth(b);
    const count = b.reg(Gpr.rcx, wide);
    b.when(
      b.isZero(count),
      () => b.jump(b.next),
      () => {
        if (compares) b.call('beginElement', [b.own(64, b.instruction.address), b.zext(64, count)]);
        const goesOn = element(b, width);
        const left = b.let(b.binary('sub', count, b.constant(wide, 1)));
        b.setReg(Gpr.rcx, left);
        const more = b.not(b.isZero(left));
        const again = b.let(goesOn === undefined ? more : b.binary('and', more, goesOn));
        if (compares) b.call('endElement', [b.zext(64, left), again]);
        b.jump(b.select(again, b.own(64, b.instruction.address), b.next));
      },
    );
  };
}

/** repe goes on while equal, repne while not. */
function whileEqual(b: Builder): Expr {
  const equal = b.flag('zf');
  return b.instruction.repeat === 'repne' ? b.not(equal) : equal;
}

const sizes = (stem: string): string[] => ['b', 'w', 'd', 'q'].map((size) => `${stem}${size}`);

export const STRINGS: readonly Operation[] = [
  {
    name: 'movs',
    mnemonics: sizes('Movs'),
    forms: /^Movs[bwdq]_m\d+_m\d+$/,
    defines: 0,
    implicit: [Gpr.rcx, Gpr.rsi, Gpr.rdi],
    semantics: repeated((b, width) => {
      const value = b.load(width, b.address(1), b.memory(1).stack);
      b.store(b.address(0), value);
      advance(b, Gpr.rsi, width);
      advance(b, Gpr.rdi, width);
      return undefined;
    }),
  },
  {
    name: 'stos',
    mnemonics: sizes('Stos'),
    defines: 0,
    implicit: [Gpr.rax, Gpr.rcx, Gpr.rdi],
    semantics: repeated((b, width) => {
      b.store(b.address(0), b.reg(Gpr.rax, width));
      advance(b, Gpr.rdi, width);
      return undefined;
    }),
  },
  {
    name: 'lods',
    mnemonics: sizes('Lods'),
    defines: 0,
    implicit: [Gpr.rax, Gpr.rcx, Gpr.rsi],
    semantics: repeated((b, width) => {
      const value = b.load(width, b.address(1), b.memory(1).stack);
      b.setReg(Gpr.rax, value);
      advance(b, Gpr.rsi, width);
      return undefined;
    }),
  },
  {
    name: 'scas',
    mnemonics: sizes('Scas'),
    defines: ALL_STATUS,
    implicit: [Gpr.rax, Gpr.rcx, Gpr.rdi],
    semantics: repeated((b, width) => {
      const there = b.load(width, b.address(1));
      const sought = b.reg(Gpr.rax, width);
      b.lazy('sub', b.let(b.binary('sub', sought, there)), sought, there);
      advance(b, Gpr.rdi, width);
      return whileEqual(b);
    }, true),
  },
  {
    name: 'cmps',
    mnemonics: sizes('Cmps'),
    forms: /^Cmps[bwdq]_m\d+_m\d+$/,
    defines: ALL_STATUS,
    implicit: [Gpr.rcx, Gpr.rsi, Gpr.rdi],
    semantics: repeated((b, width) => {
      // Intel's processors look at the destination first, AMD's do not, which shows when both fault.
      const second = b.load(width, b.address(1));
      const first = b.load(width, b.address(0), b.memory(0).stack);
      b.lazy('sub', b.let(b.binary('sub', first, second)), first, second);
      advance(b, Gpr.rsi, width);
      advance(b, Gpr.rdi, width);
      return whileEqual(b);
    }, true),
  },
];
