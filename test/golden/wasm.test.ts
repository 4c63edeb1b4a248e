/**
 * The translation of one instruction of each operation, as text: the first that golden/insn has and that is not left
 * to the interpreter. What is the same for all, the switch to the entries, stands in unit.txt.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { decodeInstruction } from '../../src/emulator/instruction.js';
import { OPERATIONS } from '../../src/emulator/ops/table.js';
import { graphFrom } from '../../src/emulator/wasm/graph.js';
import { guestInstruction } from '../../src/emulator/wasm/guest-instruction.js';
import type { GuestInstruction } from '../../src/emulator/wasm/guest-instruction.js';
import { writeUnit } from '../../src/emulator/wasm/unit-writer.js';
import { readCase } from '../emulator/oracle/text.js';
import { START } from '../emulator/oracle/layout.js';
import { GOLDEN, expectGolden } from '../support/golden.js';
import { wasmText } from '../support/wasm-text.js';

interface Sample {
  readonly title: string;
  readonly instruction: GuestInstruction;
}

function sampleOf(name: string): Sample | undefined {
  let form = '';
  for (const line of readFileSync(join(GOLDEN, 'insn', `${name}.ins`), 'utf8').trimEnd().split('\n')) {
    if (line.startsWith('; ')) {
      form = line.slice(2);
      continue;
    }
    const { code } = readCase(line).input;
    const decoded = decodeInstruction(code, START);
    if (typeof decoded !== 'object') continue;
    const instruction = guestInstruction(decoded);
    if (instruction.translatable) return { title: `${form} ${Buffer.from(code).toString('hex')}`, instruction };
  }
  return undefined;
}

/** The text of a unit of this instruction alone. */
function translated(instruction: GuestInstruction): string {
  const graph = graphFrom(
    START,
    {
      seen: (address) =>
        address === START ? { addresses: [START, instruction.next], targets: [] } : undefined,
      decode: (address) => (address === START ? instruction : undefined),
      behind: () => [],
    },
    1,
  );
  return wasmText(writeUnit(graph, { number: 0, pages: 16, distanceOf: () => 0 }).code);
}

const provable = OPERATIONS.filter(({ notOnHost }) => notOnHost === undefined).map(({ name }) => name);
const samples = provable.flatMap((name) => {
  const sample = sampleOf(name);
  return sample === undefined ? [] : [{ name, ...sample }];
});

/** Lines of the switch to the entries, and those that close it. */
const HEAD = 9;
const TAIL = 1;

test('the switch to the entries is the same for all', () => {
  const heads = new Set(
    samples.map(({ instruction }) => translated(instruction).split('\n').slice(0, HEAD).join('\n')),
  );
  expect(heads.size).toBe(1);
  expectGolden('wasm/unit.txt', `${[...heads].join('')}\n`);
});

test.each(samples)('$name is translated as it was reviewed', ({ name, title, instruction }) => {
  const lines = translated(instruction).trimEnd().split('\n');
  const body = lines.slice(HEAD, lines.length - TAIL).map((line) => line.replace(/^ {4}/, ''));
  expectGolden(`wasm/${name}.txt`, `; ${title}\n${body.join('\n')}\n`);
});

/** Vectors, whole flags, and what writes memory more than once. */
const INTERPRETED =
  'cmpxchg8b rcl rcr enter pushf popf lahf sahf ud2 int3 movaps movups movq movd pxor por pand pandn paddq psubq punpcklqdq';

test('all others are left to the interpreter', () => {
  const left = provable.filter((name) => !samples.some((sample) => sample.name === name));
  expect(left).toEqual(INTERPRETED.split(' '));
});
