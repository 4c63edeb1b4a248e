/**
 * How fast the emulator runs: instructions a second of small loops, and what a snapshot costs. Times depend on the
 * machine; run it when nothing else runs. `node dist/test/emulator/bench.js`
 */
import { Cpu } from '../../src/emulator/cpu.js';
import { Permission } from '../../src/emulator/page.js';

const CODE = 0x10000n;
const MEMORY = 0x20000n;
const PAGES = 128;

interface Loop {
  readonly name: string;
  readonly code: string;
}

const LOOPS: readonly Loop[] = [
  {
    name: 'integers: add, xor, lea, shl, sub, jne',
    code: '4801c8 31c2 488d744608 48c1e603 83c201 4883e901 75e9',
  },
  {
    name: 'memory: load, add, store, cmp, sub, jne',
    code: '488b03 4801c8 488903 4839c2 8b5304 4883e901 75eb',
  },
  { name: 'calls: call, push, pop, ret', code: 'e806000000 4883e901 75f5 53 5b c3' },
  { name: 'rep stosb', code: '4889df 48c7c100080000 f3aa ebf2' },
];

function machine(): Cpu {
  const cpu = new Cpu();
  const { read, write, execute } = Permission;
  cpu.memory.map(CODE, 0x1000, read | execute);
  cpu.memory.map(MEMORY, PAGES * 0x1000, read | write);
  return cpu;
}

function measure({ code }: Loop): number {
  const cpu = machine();
  cpu.memory.write(CODE, Uint8Array.from(Buffer.from(code.replaceAll(' ', ''), 'hex')));
  cpu.state.r64.set([0n, 1n << 40n, 0n, MEMORY, MEMORY + 0x2000n]);
  cpu.rip = CODE;
  let best = 0;
  for (let round = 0; round < 6; round++) {
    const begin = performance.now();
    const stop = cpu.run(10_000_000);
    if (stop.reason !== 'budget') throw new Error(`stopped: ${stop.reason}`);
    best = Math.max(best, 10_000 / (performance.now() - begin));
  }
  return best;
}

/** Milliseconds to take a snapshot, change 100 pages and bring them back; the changes are not counted. */
function snapshots(): number {
  const { memory } = machine();
  const byte = Uint8Array.of(1);
  let best = Infinity;
  for (let round = 0; round < 50; round++) {
    let spent = -performance.now();
    const snapshot = memory.snapshot();
    spent += performance.now();
    for (let page = 0; page < 100; page++) memory.write(MEMORY + BigInt(page * 0x1000), byte);
    const begin = performance.now();
    memory.restore(snapshot);
    best = Math.min(best, spent + performance.now() - begin);
  }
  return best;
}

for (const loop of LOOPS)
  process.stdout.write(`${measure(loop).toFixed(1).padStart(7)} million instructions/s  ${loop.name}\n`);
process.stdout.write(
  `${(snapshots() * 1000).toFixed(0).padStart(7)} us  snapshot and restore, 100 dirty pages\n`,
);
