/**
 * Cases as text, one a line: the bytes, what the instruction starts with, and what the processor made of it.
 *
 *   01d8 rax=5 rbx=7 f=246 > rax=c f=206 !8c1
 *
 * Before `>`: registers that differ from the baseline of layout.ts, flags, bytes of the window (m+17=…). Behind it:
 * what changed, `#14,6,20002000` for an exception with its error code and address, `@…` for rip when it is neither
 * the next instruction nor that of the exception, and after `!` the flags that the SDM leaves undefined.
 */
import { ALWAYS_SET, BASELINE, START, WINDOW_BYTES } from './layout.js';
import type { Input, Outcome } from './layout.js';

const NAMES = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ');

/** Runs of bytes that differ from others, as `m+17=01ff`. */
function runs(bytes: Uint8Array, from: Uint8Array): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === from[at]) continue;
    let end = at;
    for (let k = at; k < bytes.length && k < end + 3; k++) if (bytes[k] !== from[k]) end = k + 1;
    found.push(`m+${at}=${Buffer.from(bytes.slice(at, end)).toString('hex')}`);
    at = end - 1;
  }
  return found;
}

interface Values {
  readonly gpr: readonly bigint[];
  readonly xmm: readonly bigint[];
  readonly window: Uint8Array;
}

function changes(now: Values, before: Values): string[] {
  const words: string[] = [];
  now.gpr.forEach((value, k) => {
    if (value !== before.gpr[k]) words.push(`${NAMES[k]}=${value.toString(16)}`);
  });
  now.xmm.forEach((value, k) => {
    if (value !== before.xmm[k]) words.push(`x${k}=${value.toString(16)}`);
  });
  return [...words, ...runs(now.window, before.window)];
}

const START_VALUES: Values = {
  gpr: BASELINE,
  xmm: Array.from({ length: 32 }, () => 0n),
  window: new Uint8Array(WINDOW_BYTES),
};

export function writeCase(input: Input, outcome: Outcome, undefinedMask: number): string {
  const code = Buffer.from(input.code).toString('hex');
  const start = [...changes(input, START_VALUES), `f=${input.rflags.toString(16)}`];
  const end = changes(outcome, input);
  const fault = outcome.vector >= 0;
  if (outcome.rflags !== input.rflags) end.push(`f=${outcome.rflags.toString(16)}`);
  if (fault) end.push(`#${outcome.vector},${outcome.errorCode.toString(16)},${outcome.address.toString(16)}`);
  const expected = fault ? START : START + BigInt(input.code.length);
  if (outcome.rip !== expected) end.push(`@${outcome.rip.toString(16)}`);
  if (undefinedMask !== 0) end.push(`!${undefinedMask.toString(16)}`);
  return [code, ...start, '>', ...end].join(' ');
}

interface Side {
  readonly gpr: bigint[];
  readonly xmm: bigint[];
  readonly window: Uint8Array;
  rflags: number;
}

function assign(side: Side, word: string): void {
  const [name, text] = word.split('=');
  if (name.startsWith('m+')) side.window.set(Buffer.from(text, 'hex'), Number(name.slice(2)));
  else if (name === 'f') side.rflags = Number.parseInt(text, 16);
  else if (name.startsWith('x')) side.xmm[Number(name.slice(1))] = BigInt(`0x${text}`);
  else side.gpr[NAMES.indexOf(name)] = BigInt(`0x${text}`);
}

export interface Recorded {
  readonly input: Input;
  readonly outcome: Outcome;
  readonly undefinedMask: number;
}

export function readCase(line: string): Recorded {
  const [left, right] = line.split(' >');
  const [hex, ...start] = left.split(' ');
  const side = (from: Values, rflags: number): Side => ({
    gpr: [...from.gpr],
    xmm: [...from.xmm],
    window: from.window.slice(),
    rflags,
  });
  const before = side(START_VALUES, ALWAYS_SET);
  for (const word of start) assign(before, word);
  const input: Input = { ...before, code: Uint8Array.from(Buffer.from(hex, 'hex')) };
  const after = side(before, before.rflags);
  const outcome: Outcome = {
    ...after,
    rip: START + BigInt(input.code.length),
    vector: -1,
    errorCode: 0,
    address: 0n,
    stray: false,
  };
  let undefinedMask = 0;
  for (const word of right.split(' ').filter((text) => text !== '')) {
    const rest = word.slice(1);
    if (word.startsWith('#')) {
      const [vector, errorCode, address] = rest.split(',');
      outcome.vector = Number(vector);
      outcome.errorCode = Number.parseInt(errorCode, 16);
      outcome.address = BigInt(`0x${address}`);
      outcome.rip = START;
    } else if (word.startsWith('@')) outcome.rip = BigInt(`0x${rest}`);
    else if (word.startsWith('!')) undefinedMask = Number.parseInt(rest, 16);
    else assign(outcome, word);
  }
  return { input, outcome, undefinedMask };
}
