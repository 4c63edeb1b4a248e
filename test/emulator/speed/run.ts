/**
 * How fast the emulator is beside Unicorn and the processor itself: each program in turn, on all of them, in one run.
 * `make bench-emulator`. PROGRAMS=regex runs just these.
 *
 * Times of two kinds: of the first call, with making the machine and translating, the median of several machines; and of
 * the best of the calls that follow. Instructions are what our interpreter counts, an element of a repeated string
 * operation as one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wasmEngine } from '../../../src/emulator/wasm/engine.js';
import { GOLDEN } from '../../support/golden.js';
import { callOn, machineFor, programCall, serialised } from './guest-program.js';
import type { GuestCall } from './guest-program.js';
import { hypervisorCalls } from './hypervisor.js';

const HERE = fileURLToPath(new URL('../../../../test/emulator/speed/', import.meta.url));
/** How often all sides have their turn, how many machines one makes in it, and calls on each. */
const [TURNS, MACHINES, ROUNDS] = [3, 3, 3];
/** Milliseconds. */
const SLOW = 1000;
/** As golden/speed/make.sh has them. */
const CFLAGS = ['-O2', '-mgeneral-regs-only', '-ffreestanding', '-fno-tree-loop-distribute-patterns'];

/** How often each is done: about 50 million instructions. */
const PROGRAMS: readonly (readonly [name: string, times: number, what: string])[] = [
  ['crc', 85, 'CRC-32 by a table'],
  ['sort', 113, 'quicksort and insertion'],
  ['hash', 3_100_000, '64-bit multiplications and rotations'],
  ['product', 4_500_000, 'products of 128 bits'],
  ['chase', 11_900_000, 'a list in random order'],
  ['copy_rep', 675, 'copy and fill by rep'],
  ['copy_loop', 118, 'copy and fill by loops'],
  ['bytecode', 380_000, 'a stack machine of indirect jumps'],
  ['recursion', 50, 'fibonacci and ackermann'],
];

/** What a program gave on one side. */
interface Times {
  readonly result: bigint;
  /** Milliseconds of the calls of each machine that was made for it. */
  readonly machines: readonly (readonly number[])[];
}

interface Row {
  readonly name: string;
  readonly what: string;
  readonly call: GuestCall;
  /** Number of times for the native driver; undefined: it does not have it. */
  readonly times: number | undefined;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const work = mkdtempSync(join(tmpdir(), 'speed-'));

function compiled(name: string, args: readonly string[]): string | undefined {
  const program = join(work, name);
  const { status } = spawnSync('gcc', ['-O2', '-o', program, join(HERE, `${name}.c`), ...args]);
  return status === 0 ? program : undefined;
}

function native(): string | undefined {
  const object = join(work, 'programs.o');
  const made = spawnSync('gcc', [...CFLAGS, '-c', '-o', object, join(GOLDEN, 'speed', 'programs.c')]);
  return made.status === 0 ? compiled('native', [object]) : undefined;
}

/** What a driver prints: for each machine the result, and nanoseconds of its calls. */
function timesOf(program: string, args: readonly (string | number | bigint)[]): Times {
  const { stdout, stderr, status } = spawnSync(program, args.map(String), { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  return {
    result: BigInt(lines[0][0]),
    machines: lines.map(([, ...times]) => times.map((time) => Number(time) / 1e6)),
  };
}

/** Calls on `machines` new machines, so often on each; `before`: how many were made for this program. */
function emulated(
  call: GuestCall,
  engine: Engine,
  before: number,
  machines: number,
  rounds: number,
): Emulated {
  const times: number[][] = [];
  let [result, instructions] = [0n, 0];
  for (let machine = 0; machine < machines; machine++) {
    // V8 keeps what it compiled of a module for another of the same bytes. No two machines of a program are of one size.
    const room = 0x10000 * (before + machine);
    let begin = performance.now();
    const cpu = machineFor(call, engine === 'translating' ? wasmEngine() : undefined, room);
    const own: number[] = [];
    for (let round = 0; round < rounds; round++) {
      result = callOn(cpu, call);
      own.push(performance.now() - begin);
      if (round === 0) ({ instructions } = cpu);
      begin = performance.now();
    }
    times.push(own);
  }
  return { result, machines: times, instructions };
}

type Engine = 'interpreting' | 'translating';

interface Emulated extends Times {
  readonly instructions: number;
}

/** The median of first calls, and the best of the others. */
function firstAndBest(turns: readonly Times[]): { readonly first: number; readonly best: number } {
  const machines = turns.flatMap((turn) => turn.machines);
  const firsts = machines.map(([first]) => first).sort((a, b) => a - b);
  const others = machines.flatMap((calls) => calls.slice(1));
  return { first: firsts[firsts.length >> 1], best: Math.min(...others) };
}

/** Ratios to Unicorn, with the first call and without. */
type Ratios = readonly [first: number, best: number];

function measure(
  row: Row,
  programs: { native: string | undefined; unicorn: string | undefined },
): Ratios | undefined {
  const { name, call, times } = row;
  const image = join(work, 'image');
  writeFileSync(image, serialised(call.parts));
  const plain = emulated(call, 'interpreting', 0, 1, 1);
  const sides: Record<'real' | 'other' | 'fast', Times[]> = { real: [], other: [], fast: [] };
  for (let turn = 0; turn < TURNS; turn++) {
    if (programs.native !== undefined && times !== undefined)
      sides.real.push(timesOf(programs.native, [name, times, ROUNDS]));
    if (programs.unicorn !== undefined) {
      // Where a call takes seconds, a few more say nothing new.
      const isSlow = (sides.other.at(0)?.machines[0][0] ?? 0) > SLOW;
      const often = isSlow ? [2, 1] : [ROUNDS, MACHINES];
      sides.other.push(timesOf(programs.unicorn, [image, call.entry, call.rdi, call.rsi, ...often]));
    }
    sides.fast.push(emulated(call, 'translating', turn * MACHINES, MACHINES, ROUNDS));
  }
  for (const { result } of Object.values(sides).flat())
    if (result !== plain.result) throw new Error(`${name}: results differ`);
  const [real, other] = [sides.real, sides.other].map((turns) =>
    turns.length === 0 ? undefined : firstAndBest(turns),
  );
  const fast = firstAndBest(sides.fast);
  const interpreted = plain.machines[0][0];
  const speed = (milliseconds: number | undefined): string =>
    (milliseconds === undefined ? '–' : (plain.instructions / milliseconds / 1000).toFixed(0)).padStart(7);
  const ratio = (a: number | undefined, b: number): string =>
    (a === undefined ? '–' : (a / b).toFixed(1)).padStart(7);
  print(
    `| ${name.padEnd(10)} |${(plain.instructions / 1e6).toFixed(1).padStart(6)} |${speed(real?.best)} |` +
      `${speed(other?.best)} |${speed(interpreted)} |${speed(fast.best)} |${ratio(other?.best, fast.best)} |` +
      `${speed(other?.first)} |${speed(fast.first)} |${ratio(other?.first, fast.first)} | ${row.what} |`,
  );
  return other === undefined ? undefined : [other.first / fast.first, other.best / fast.best];
}

function mean(ratios: readonly number[]): string {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length).toFixed(2);
}

function main(): void {
  const programs = { native: native(), unicorn: compiled('unicorn', ['-lunicorn']) };
  if (programs.unicorn === undefined) print('Without Unicorn: apt-get install gcc libunicorn-dev.');
  const wanted = new RegExp(process.env['PROGRAMS'] ?? '');
  const own = PROGRAMS.map(([name, times, what]): Row => ({
    name,
    what,
    times,
    call: programCall(name, times),
  }));
  const hypervisor = hypervisorCalls();
  if (typeof hypervisor === 'string') print(hypervisor);
  const others =
    typeof hypervisor === 'string' ? [] : hypervisor.map((row): Row => ({ ...row, times: undefined }));
  print('Million instructions/s; ratios to Unicorn. First: with making the machine and translating.\n');
  print(
    '| program | million | native | Unicorn | interpreter | engine | ratio | Unicorn, first | engine, first | ratio, first | |',
  );
  print('|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|');
  const ratios: Ratios[] = [];
  for (const row of [...own, ...others]) {
    if (!wanted.test(row.name)) continue;
    const found = measure(row, programs);
    if (found !== undefined) ratios.push(found);
  }
  if (ratios.length === 0) return;
  const [first, best] = [ratios.map(([ratio]) => ratio), ratios.map(([, ratio]) => ratio)];
  print(`\nRatios: geometric mean ${mean(best)}, least ${Math.min(...best).toFixed(2)};`);
  print(`first calls: geometric mean ${mean(first)}, least ${Math.min(...first).toFixed(2)}.`);
}

if (!existsSync(HERE)) throw new Error('run it from the source tree');
try {
  main();
} finally {
  rmSync(work, { recursive: true });
}
