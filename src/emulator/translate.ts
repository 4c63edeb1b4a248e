/**
 * From bytes to blocks of steps: decodes an instruction, lets the operation table write its semantics, turns these
 * into JavaScript and calls it with what the instruction's bytes bring. Text that was seen before is not compiled
 * again: a kernel of a million instructions has a few thousand shapes.
 */
import type { Block, Step } from './block.js';
import { Builder } from './builder.js';
import { Vector } from './fault.js';
import { decodeInstruction } from './instruction.js';
import type { Instruction } from './instruction.js';
import type { Statement } from './ir.js';
import { javascriptOf } from './javascript.js';
import type { MachineHelpers } from './machine-helpers.js';
import type { Memory } from './memory.js';
import { operationOf } from './ops/table.js';
import { PAGE_BYTES } from './page.js';
import type { Page } from './page.js';
import type { CpuState } from './state.js';

type Factory = (parts: object) => Maker;
type Maker = (...parameters: readonly (number | bigint)[]) => Step;

const LONGEST_BLOCK = 64;
const LONGEST_INSTRUCTION = 15;

/** What it takes to decode an instruction, and to compile a text, in instructions that could run meanwhile. */
const DECODE_EFFORT = 300;
const COMPILE_EFFORT = 2000;
/** Texts that are kept; a hypervisor has a few thousand shapes, code that makes code may have any number. */
const MOST_SHAPES = 1 << 14;

const PARTS = `const { S, M, H } = C;
const { r64, r32, r16, r8, rip64: rip, flags: fl, lazy64: l64, lazy32: l32 } = S;
const { scratch64: s64, scratch32: s32, out64: o64, bases, xmm: x64 } = S;
const { address64: a64, value64: v64 } = M;`;

/** The semantics of an instruction; of one that the table does not have, #UD. */
export function semanticsOf(instruction: Instruction): readonly Statement[] {
  const builder = new Builder(instruction);
  const operation = operationOf(instruction);
  if (operation === undefined) builder.raise(Vector.UD);
  else operation.semantics(builder);
  return builder.statements;
}

const INVALID: readonly Statement[] = [{ st: 'raise', vector: Vector.UD, errorCode: 0 }];

export class Translator {
  private readonly makers = new Map<string, Maker>();
  private readonly parts: { readonly S: CpuState; readonly M: Memory; readonly H: MachineHelpers };
  private readonly memory: Memory;
  /** What translating took so far, in instructions. */
  effort = 0;

  constructor(state: CpuState, memory: Memory, helpers: MachineHelpers) {
    this.parts = { S: state, M: memory, H: helpers };
    this.memory = memory;
  }

  /** Number of texts that are kept compiled. */
  get shapes(): number {
    return this.makers.size;
  }

  /**
   * The block that begins at `from` of a page. It ends where control may leave, at the end of the page, before
   * a breakpoint, or when it is long enough. Raises #PF when the first instruction reaches into a page that must
   * not be executed; a later one ends the block.
   */
  block(page: Page, from: number, breakpoints: ReadonlySet<bigint>): Block {
    const start = (BigInt(page.number) << 12n) + BigInt(from);
    const steps: Step[] = [];
    const addresses = [start];
    let second: Page | undefined;
    let jumps = false;
    let isIndirect = false;
    for (let at = from; !jumps && steps.length < LONGEST_BLOCK && at < PAGE_BYTES && second === undefined;) {
      const address = start + BigInt(at - from);
      if (steps.length > 0 && (breakpoints.has(address) || this.cannotReach(page, at))) break;
      const { instruction, reaches } = this.instructionAt(page, at, address);
      second = reaches;
      const statements = typeof instruction === 'object' ? semanticsOf(instruction) : INVALID;
      const length = typeof instruction === 'object' ? instruction.length : 1;
      page.coverCode(at, Math.min(at + length, PAGE_BYTES));
      second?.coverCode(0, at + length - PAGE_BYTES);
      steps.push(this.compile(statements, address));
      this.effort += DECODE_EFFORT;
      addresses.push(address + BigInt(length));
      jumps = statements.some(leaves);
      isIndirect = jumps && statements.some(leavesIndirectly);
      at += length;
    }
    return {
      low: Number(BigInt.asIntN(32, start)),
      high: Number(BigInt.asIntN(32, start >> 32n)),
      steps,
      addresses,
      jumps,
      second,
      secondVersion: second?.version ?? 0,
      breakpoint: breakpoints.has(start),
      targets: isIndirect ? [] : undefined,
      heat: 0,
    };
  }

  /** Whether the bytes up to the end of the page are no whole instruction, and the next page gives none. */
  private cannotReach(page: Page, at: number): boolean {
    if (at + LONGEST_INSTRUCTION <= PAGE_BYTES) return false;
    const decoded = decodeInstruction(this.memory.codeBytes(page).subarray(at), 0n);
    return decoded === 'cut';
  }

  /** Decodes the instruction at a place of a page; `reaches`: the page into which it reaches. */
  instructionAt(
    page: Page,
    at: number,
    address: bigint,
  ): { instruction: Instruction | 'cut' | 'invalid'; reaches: Page | undefined } {
    const here = this.memory.codeBytes(page).subarray(at, Math.min(at + LONGEST_INSTRUCTION, PAGE_BYTES));
    const instruction = decodeInstruction(here, address);
    if (instruction !== 'cut' || here.length === LONGEST_INSTRUCTION)
      return { instruction, reaches: undefined };
    const next = address + BigInt(here.length);
    const reaches = this.memory.fetchPage(
      Number(BigInt.asIntN(32, next)),
      Number(BigInt.asIntN(32, next >> 32n)),
    );
    const bytes = new Uint8Array(LONGEST_INSTRUCTION);
    bytes.set(here);
    bytes.set(this.memory.codeBytes(reaches).subarray(0, LONGEST_INSTRUCTION - here.length), here.length);
    return { instruction: decodeInstruction(bytes, address), reaches };
  }

  private compile(statements: readonly Statement[], address: bigint): Step {
    const { text, parameters } = javascriptOf(statements, address);
    let maker = this.makers.get(text);
    if (maker === undefined) {
      this.effort += COMPILE_EFFORT;
      if (this.makers.size >= MOST_SHAPES) this.makers.clear();
      maker = makerOf(this.parts, text, parameters.length);
      this.makers.set(text, maker);
    }
    return maker(...parameters);
  }
}

/** What was compiled by any processor of this thread: the text says all but the parts. */
const factories = new Map<string, Factory>();

/** Compiles the text of a step. The text comes from javascript.ts alone; no byte of the guest gets into it. */
function makerOf(parts: object, text: string, count: number): Maker {
  let factory = factories.get(text);
  if (factory === undefined) {
    const names = Array.from({ length: count }, (_, k) => `p${k}`).join(', ');
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    factory = new Function('C', `'use strict';\n${PARTS}\nreturn (${names}) => {\n${text}\n};`) as Factory;
    if (factories.size >= MOST_SHAPES) factories.clear();
    factories.set(text, factory);
  }
  return factory(parts);
}

function leaves(statement: Statement): boolean {
  if (statement.st === 'if') return statement.then.some(leaves) || statement.else.some(leaves);
  return statement.st === 'jump';
}

function leavesIndirectly(statement: Statement): boolean {
  if (statement.st !== 'jump') return false;
  const { target } = statement;
  return (
    target.op !== 'const' && !(target.op === 'select' && target.a.op === 'const' && target.b.op === 'const')
  );
}
