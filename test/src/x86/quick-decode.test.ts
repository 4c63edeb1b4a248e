/** That the quick decoder says what iced-x86 says, wherever it says anything. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type * as Iced from 'iced-x86';
import { SHF_EXECINSTR } from '../../../src/elf/constants.js';
import { readElf, sectionBytes } from '../../../src/elf/read.js';
import { Flow } from '../../../src/x86/flow.js';
import { QuickDecoder } from '../../../src/x86/quick-decode.js';
import { CORPUS } from '../../support/corpus.js';

const { Decoder, DecoderOptions, FlowControl } = createRequire(import.meta.url)('iced-x86') as typeof Iced;

const FLOWS = new Map<number, number>([
  [FlowControl.Next, Flow.next],
  [FlowControl.Interrupt, Flow.next],
  [FlowControl.UnconditionalBranch, Flow.jump],
  [FlowControl.ConditionalBranch, Flow.conditional],
  [FlowControl.Call, Flow.call],
  [FlowControl.IndirectCall, Flow.indirectCall],
  [FlowControl.IndirectBranch, Flow.leaves],
  [FlowControl.Return, Flow.leaves],
  [FlowControl.Exception, Flow.leaves],
]);

/** Length, flow and target, in words; what is no instruction is so called. */
function byIced(bytes: Uint8Array): string {
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  const instruction = decoder.decode();
  const { isInvalid, length, flowControl, nearBranchTarget } = instruction;
  const direct = instruction.isJmpShortOrNear || instruction.isJccShortOrNear || instruction.isCallNear;
  instruction.free();
  decoder.free();
  if (isInvalid) return 'invalid';
  const target = direct ? BigInt.asIntN(64, nearBranchTarget).toString() : '';
  return `${length} ${FLOWS.get(flowControl) ?? '?'} ${target}`;
}

function quickly(bytes: Uint8Array): string | undefined {
  const quick = new QuickDecoder(bytes);
  if (!quick.look(0)) return undefined;
  const direct = quick.flow >= Flow.jump && quick.flow <= Flow.call;
  return `${quick.length} ${quick.flow} ${direct ? quick.length + quick.displacement : ''}`;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the quick decoder', () => {
  test('agrees with iced on every opcode, with every ModRM and the prefixes that compilers use', () => {
    const prefixes = [
      [],
      [0x66],
      [0xf2],
      [0xf3],
      [0x65],
      [0x41],
      [0x48],
      [0x66, 0x41],
      [0x66, 0x48],
      [0x66, 0xf3],
      [0xf3, 0x48],
      [0x2e, 0x4c],
    ];
    const tail = [0x25, 0x11, 0x22, 0x33, 0x84, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa];
    const wrong: string[] = [];
    let known = 0;
    for (const prefix of prefixes) {
      for (const escape of [[], [0x0f]]) {
        for (let opcode = 0; opcode < 256; opcode++) {
          for (let modrm = 0; modrm < 256; modrm++) {
            const bytes = Uint8Array.from([...prefix, ...escape, opcode, modrm, ...tail]);
            const quick = quickly(bytes);
            if (quick === undefined) continue;
            known++;
            if (quick !== byIced(bytes)) wrong.push(`${hex(bytes)}: ${quick}, but ${byIced(bytes)}`);
          }
        }
      }
    }
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(known).toBeGreaterThan(400_000);
  });

  test('agrees with iced on any bytes, cut off anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 17 }), (bytes) => {
        const quick = quickly(bytes);
        if (quick !== undefined) expect(`${hex(bytes)} ${quick}`).toBe(`${hex(bytes)} ${byIced(bytes)}`);
      }),
      { numRuns: 20_000 },
    );
  });

  test('knows nearly all that compilers write', () => {
    let all = 0;
    let known = 0;
    for (const rule of readdirSync(CORPUS).filter((_, k) => k % 5 === 0)) {
      if (!rule.includes('.') && rule !== 'README') {
        for (const name of readdirSync(join(CORPUS, rule)).filter((file) => file.endsWith('.orig.o'))) {
          const file = readElf(name, new Uint8Array(readFileSync(join(CORPUS, rule, name))), () => undefined);
          for (const section of file?.sections ?? []) {
            if (file === undefined || (section.sh_flags & SHF_EXECINSTR) === 0) continue;
            const bytes = sectionBytes(file, section);
            for (let at = 0; at < bytes.length; all++) {
              const rest = bytes.subarray(at);
              const quick = quickly(rest);
              const said = byIced(rest);
              if (quick !== undefined) known++;
              if (quick !== undefined)
                expect(`${hex(rest.subarray(0, 15))} ${quick}`).toBe(`${hex(rest.subarray(0, 15))} ${said}`);
              at += said === 'invalid' ? 1 : Number(said.split(' ')[0]);
            }
          }
        }
      }
    }
    expect(known / all).toBeGreaterThan(0.97);
  });
});
