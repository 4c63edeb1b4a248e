/** What is translated together, where other units keep what they have. */
import { expect, test } from '@jest/globals';
import { decodeInstruction } from '../../../../src/emulator/instruction.js';
import { graphFrom } from '../../../../src/emulator/wasm/graph.js';
import type { Graph } from '../../../../src/emulator/wasm/graph.js';
import { guestInstruction } from '../../../../src/emulator/wasm/guest-instruction.js';

const NOP = [0x90];
const jump = (distance: number): number[] => [0xeb, distance - 2];

/** The graph from 0x1000 of code by its addresses; of `kept`, where the unit that keeps it leads to. */
function graph(
  code: Readonly<Partial<Record<number, readonly number[]>>>,
  kept: Readonly<Partial<Record<number, readonly bigint[]>>>,
): Graph {
  const instructionAt = (address: bigint): ReturnType<typeof guestInstruction> | undefined => {
    const bytes = code[Number(address)];
    const decoded = bytes === undefined ? 'cut' : decodeInstruction(Uint8Array.from(bytes), address);
    return typeof decoded === 'object' ? guestInstruction(decoded) : undefined;
  };
  return graphFrom(
    0x1000n,
    {
      seen: (address) => {
        const instruction = instructionAt(address);
        return instruction && { addresses: [address, instruction.next], targets: [] };
      },
      decode: (address) => (Number(address) in kept ? undefined : instructionAt(address)),
      behind: (address) => kept[Number(address)] ?? [],
    },
    100,
  );
}

const told = ({ nodes, entries }: Graph): [string[], string[]] => {
  const names = nodes.map(({ address }) => address.toString(16));
  return [names, entries.map((k) => names[k])];
};

test('what comes behind a loop that is kept is taken in, and can be entered', () => {
  const code = { 0x1000: jump(0x10), 0x1010: NOP, 0x1020: jump(-0x20) };
  expect(told(graph(code, { 0x1010: [0x1020n] }))).toEqual([
    ['1000', '1020'],
    ['1000', '1020'],
  ]);
  expect(told(graph(code, {}))).toEqual([['1000', '1010'], ['1000']]);
});

test('loops that are kept may lead to one another and to themselves', () => {
  const code = { 0x1000: jump(0x10), 0x1010: NOP, 0x1020: NOP, 0x1030: jump(-0x30) };
  const kept = { 0x1010: [0x1020n, 0x1010n], 0x1020: [0x1010n, 0x1030n] };
  expect(told(graph(code, kept))).toEqual([
    ['1000', '1030'],
    ['1000', '1030'],
  ]);
});
