/**
 * What NOPs leave of a function. A record without new_addr writes NOPs over bytes that its author counted; the loader
 * counts nothing. Three things must hold of what is overwritten: whole instructions; the function does not lose the
 * way back to its caller; the stack pointer ends where it would have been.
 */
import type { Diagnostic } from '../../diag/diagnostic.js';
import { diagnostic } from '../../diag/diagnostic.js';
import { disassemble } from '../../x86/disassemble.js';
import { Flow, instructionAt } from '../../x86/decode.js';
import type { DecodedCode } from '../../x86/decode.js';
import { stackStep } from '../../x86/stack-step.js';
import type { AddressMap } from '../../atlas/address-map.js';
import type { CodePiece, CodePieces } from '../../atlas/code-pieces.js';
import type { Patch } from './patches.js';
import { locateRecord, patchTitle } from './patches.js';

/** The instructions that NOPs are written over, of the piece of code that holds them. */
interface Cut {
  readonly piece: CodePiece;
  readonly bytes: Uint8Array;
  readonly code: DecodedCode;
  /** Bytes of the piece that are overwritten. */
  readonly from: number;
  readonly to: number;
}

export function checkNopRecords(
  map: AddressMap,
  pieces: CodePieces,
  patches: readonly Patch[],
): Diagnostic[] {
  return patches.flatMap((patch) => {
    const { kind, start, end, body, entry, record } = patch;
    if (kind === 'nops' && record.newSize < start - entry) return [wrapped(map, patch)];
    // What runs beyond the end of its function is told as such.
    if (kind !== 'nops' || end <= start || body === undefined || end > body.end) return [];
    const piece = pieces.at(start);
    if (piece === undefined || end > piece.end) return [];
    const cut: Cut = {
      piece,
      bytes: pieces.bytes(piece),
      code: pieces.decode(piece),
      from: start - piece.start,
      to: end - piece.start,
    };
    const wrong = whyBroken(map, cut);
    return wrong === undefined ? [] : [broken(map, patch, cut, wrong)];
  });
}

/** The loader subtracts the endbr64 from the number of NOPs, in 32 bits and without looking. */
function wrapped(map: AddressMap, patch: Patch): Diagnostic {
  const { record, start, entry } = patch;
  return diagnostic('XS616', {
    message: `${patchTitle(map, patch)}: ${String(record.newSize)} bytes of NOPs are fewer than the ${String(start - entry)} of the endbr64 that they are written behind, and the hypervisor would write 4 GiB of them`,
    at: locateRecord(map, patch),
    hint: 'let the NOPs cover the endbr64 and whole instructions behind it, or leave the record out',
  });
}

function broken(map: AddressMap, patch: Patch, cut: Cut, wrong: string): Diagnostic {
  const { record } = patch;
  return diagnostic('XS616', {
    message: `${patchTitle(map, patch)}: ${String(record.newSize)} bytes of NOPs break the function: ${wrong}`,
    at: locateRecord(map, patch),
    frame: shownCode(map, cut),
    hint: 'let the NOPs cover whole instructions, and neither the return nor half of what moves the stack pointer; or replace the function by one that does nothing',
  });
}

function whyBroken(map: AddressMap, cut: Cut): string | undefined {
  const { code, from, to } = cut;
  const torn = (place: number): string | undefined => {
    const i = instructionAt(code, place);
    return i >= 0 && code.start[i] !== place ? textOf(map, cut, i) : undefined;
  };
  const [first, last] = [torn(from), torn(to)];
  if (first !== undefined) return `they begin inside of \`${first}\``;
  if (last !== undefined) {
    const i = instructionAt(code, to);
    const left = code.start[i] + code.length[i] - to;
    return `they end inside of \`${last}\`, whose last ${left === 1 ? 'byte is' : `${String(left)} bytes are`} executed as something else`;
  }
  return whyLost(map, cut) ?? whyUnbalanced(cut);
}

/** Ways back that are gone. */
function whyLost(map: AddressMap, cut: Cut): string | undefined {
  const { piece, code, from, to, bytes } = cut;
  for (let i = instructionAt(code, from); i >= 0 && i < code.count && code.start[i] < to; i++) {
    if (!leavesFunction(cut, i)) continue;
    const behind = to >= bytes.length ? map.title(piece.end) : map.title(piece.start + to);
    return `\`${textOf(map, cut, i)}\` is gone, and control falls into ${behind}`;
  }
  const last = instructionAt(code, to - 1);
  const fallsOut = to >= bytes.length && last >= 0;
  return fallsOut ? `nothing is left of its end, and control falls into ${map.title(piece.end)}` : undefined;
}

/** Whether control goes back to the caller, or on to another function, by this instruction and never to the next. */
function leavesFunction({ code, bytes }: Cut, i: number): boolean {
  if (code.flow[i] === Flow.jump) return code.target[i] < 0 || code.target[i] >= bytes.length;
  const [first, second] = bytes.subarray(code.start[i]);
  // A ud2 may be a warning behind which the function goes on.
  return code.flow[i] === Flow.leaves && !(first === 0x0f && second === 0x0b);
}

function whyUnbalanced({ code, bytes, from, to }: Cut): string | undefined {
  let moved = 0;
  for (let i = instructionAt(code, from); i >= 0 && i < code.count && code.start[i] < to; i++) {
    if (code.flow[i] === Flow.invalid) continue;
    const step = stackStep(bytes.subarray(code.start[i], code.start[i] + code.length[i]));
    if (step === undefined) return 'the stack pointer would not be set where the function sets it';
    moved += step;
  }
  if (moved === 0) return undefined;
  return `the stack pointer would be ${String(Math.abs(moved))} bytes too ${moved < 0 ? 'high' : 'low'} in what follows`;
}

/** An instruction as text; a branch out of the function names what it leads to. */
function textOf(map: AddressMap, { piece, code, bytes }: Cut, i: number): string {
  const start = code.start[i];
  const [shown] = disassemble(bytes.subarray(start, start + code.length[i]), start);
  const direct =
    code.flow[i] === Flow.jump || code.flow[i] === Flow.conditional || code.flow[i] === Flow.call;
  if (!direct) return shown.text;
  return shown.text.replace(/\S+$/, map.title(piece.start + code.target[i]));
}

/** The instructions that are overwritten, and the one that follows. */
function shownCode(map: AddressMap, cut: Cut): string[] {
  const { code, from, to } = cut;
  const lines: string[] = [];
  for (let i = instructionAt(code, from); i >= 0 && i < code.count && code.start[i] <= to; i++) {
    const [start, end] = [code.start[i], code.start[i] + code.length[i]];
    const fate = start >= to ? ' ' : end > to || start < from ? '!' : '-';
    lines.push(`${fate} ${map.title(cut.piece.start + start)}: ${textOf(map, cut, i)}`);
  }
  return lines;
}
