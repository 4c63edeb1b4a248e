/** Random programs run as translated code and interpreted, and agree wherever translated code comes back. */
import { describe, expect, test } from '@jest/globals';
import { runInLockstep } from '../../../emulator/programs/lockstep.js';
import type { Lockstep } from '../../../emulator/programs/lockstep.js';
import { makeProgram } from '../../../emulator/programs/program.js';
import { callOn, machineFor, programCall } from '../../../emulator/speed/guest-program.js';
import { Random } from '../../../emulator/oracle/random.js';
import type { EngineMaker } from '../../../../src/emulator/engine.js';
import { wasmEngine } from '../../../../src/emulator/wasm/engine.js';

const PROGRAMS = 12;
const BLOCKS = 200;
const LENGTH = 40_000;
/** Everything translated at once in small units; or what was run a few times, in larger ones. */
const ENGINES = [
  wasmEngine({ threshold: 0, largest: 40 }),
  wasmEngine({ threshold: 5, largest: 100, longRun: 4 }),
  wasmEngine({ threshold: 3, largest: 300, mostBytes: 20_000 }),
];

function lockstep(seed: number, engine: EngineMaker): Lockstep {
  const random = new Random(seed);
  return runInLockstep(makeProgram(random, BLOCKS), random, engine, LENGTH);
}

describe('random programs', () => {
  test('do the same in both ways', () => {
    const sums = { comparisons: 0, translated: 0, faults: 0 };
    for (let seed = 1; seed <= PROGRAMS; seed++) {
      const { difference, comparisons, translated, faults } = lockstep(seed, ENGINES[seed % ENGINES.length]);
      if (difference !== undefined) throw new Error(`seed ${seed}: ${difference}`);
      sums.comparisons += comparisons;
      sums.translated += translated;
      sums.faults += faults;
    }
    expect(sums.comparisons).toBeGreaterThan(PROGRAMS * 1000);
    expect(sums.translated).toBeGreaterThan((PROGRAMS * LENGTH) / 3);
    expect(sums.faults).toBeGreaterThan(PROGRAMS * 10);
  }, 120_000);

  test('show an engine that is wrong in one bit', () => {
    const wrong: EngineMaker = (parts) => {
      const engine = wasmEngine({ threshold: 3 })(parts);
      return {
        threshold: engine.threshold,
        reserve: engine.reserve,
        translate: (block) => engine.translate(block),
        get mustInterpret() {
          const must = engine.mustInterpret;
          parts.state.r8[0] ^= 1;
          return must;
        },
      };
    };
    expect(lockstep(1, wrong).difference).toMatch(/^behind a unit, rip [0-9a-f]+: register \d+ is /);
  });
});

describe('compiled programs', () => {
  test.each([
    ['crc', 4],
    ['sort', 3],
    ['hash', 60_000],
    ['product', 60_000],
    ['chase', 100_000],
    ['copy_rep', 12],
    ['copy_loop', 3],
    ['bytecode', 8_000],
    ['recursion', 1],
  ])('%s comes to the same in both ways, mostly translated', (name, times) => {
    const call = programCall(name, times);
    const [fast, plain] = [machineFor(call, wasmEngine()), machineFor(call)];
    expect(callOn(fast, call)).toBe(callOn(plain, call));
    expect(fast.instructions).toBe(plain.instructions);
    expect([...fast.state.r64]).toEqual([...plain.state.r64]);
    expect(fast.translated).toBeGreaterThan(fast.instructions * 0.9);
  });
});
