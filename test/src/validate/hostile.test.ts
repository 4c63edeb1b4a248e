/**
 * Nothing but findings comes of a hostile payload, scenario or image, in bounded time: hooks that never return, that
 * use the machine up, that lead the model astray; and bytes that were changed at random.
 */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { Permission } from '../../../src/emulator/page.js';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import { provePayloads } from '../../../src/validate/prove.js';
import { readScenario } from '../../../src/validate/scenario/scenario-file.js';
import type { Validation, ValidationInput } from '../../../src/validate/validation.js';
import { readXenImage } from '../../../src/xen/image.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { A, AX, note } from '../../support/payload-samples.js';
import { returns, tinyPayload } from '../../support/tiny-payload.js';
import { tinyBytes, tinyImage, tinyXen } from '../../support/tiny-xen.js';

const HLT = 0xf4;
const profile = PROFILES['4.17'];

function prove(bytes: Uint8Array, more: Partial<ValidationInput> = {}): Validation {
  const payloads = [{ path: 'p', bytes }];
  return provePayloads({ image: tinyImage(), profile, payloads, scenarios: [], ...more });
}

function messages(bytes: Uint8Array): string {
  return prove(bytes)
    .diagnostics.map(({ code, message }) => `${code} ${message}`)
    .join('\n');
}

/** A payload whose load hooks are `count` times the same function. */
function hooked(code: readonly number[], count = 1): ElfBuilder {
  const xen = Array.from(tinyImage().buildId);
  const builder = new ElfBuilder()
    .section('.note.gnu.build-id', note(new Array<number>(20).fill(1)), { align: 4 })
    .section('.livepatch.depends', note(xen), { align: 4 })
    .section('.livepatch.xen_depends', note(xen), { align: 4 })
    .section('.text.hook', code, { flags: AX })
    .symbol('hook', { section: '.text.hook', type: c.STT_FUNC, size: code.length })
    .section('.livepatch.hooks.load', new Uint8Array(8 * count), { flags: A, align: 8 });
  for (let k = 0; k < count; k++) builder.rela('.livepatch.hooks.load', 8 * k, c.R_X86_64_64, 'hook');
  return builder;
}

/** A table of one entry of two distances, both to the hook. */
function withTable(builder: ElfBuilder, name: string): Uint8Array {
  return builder
    .section(name, new Uint8Array(8), { flags: A, align: 4 })
    .rela(name, 0, c.R_X86_64_PC32, 'hook')
    .rela(name, 4, c.R_X86_64_PC32, 'hook')
    .bytes();
}

describe('hooks', () => {
  test.each([
    ['never return', [0xeb, 0xfe], /no return within the limit/],
    ['push for ever', [0x50, 0xeb, 0xfd], /page fault at .* in hook of p/],
    ['return to nowhere', [0x31, 0xe4, 0xc3], /page fault at 0000000000000000/],
    ['write MSRs for ever', [0x31, 0xc9, 0xff, 0xc1, 0x0f, 0x30, 0xeb, 0xfa], /#GP exception/],
    ['change their own code for ever', [0xfe, 5, 1, 0, 0, 0, 0xb8, 0, 0, 0, 0, 0xeb, 0xf3], /no return/],
    ['halt', [HLT], /the CPU halts/],
  ])('that %s end the host', (_, code, why) => {
    expect(messages(hooked(code).bytes())).toMatch(why);
  });

  test('that reach no limit, but all of them together one, end at what is run in all', () => {
    const machine = tinyXen({ instructions: 100_000 });
    const code = machine.allocatePages(1) ?? 0n;
    const loop = [0xb9, 0x00, 0x20, 0x00, 0x00, 0xff, 0xc9, 0x75, 0xfc, 0xc3];
    machine.memory.protect(code, 1, Permission.read | Permission.execute);
    machine.memory.write(code, Uint8Array.from(loop));
    const many = (): void => {
      for (let k = 0; k < 10; k++) machine.call(code);
    };
    expect(many).toThrow(/no return within what is run in all/);
  });

  test('that do nothing, very many of them, are all called', () => {
    expect(messages(hooked([0xc3], 5000).bytes())).toBe('');
  });

  test('whose fault goes on where it happened end the host', () => {
    expect(messages(withTable(hooked([0x0f, 0x0b, 0xc3]), '.ex_table'))).toMatch(
      /no return within the limit/,
    );
  });

  test('that print with a stack that is not there end the host', () => {
    const code = [0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0x31, 0xe4, 0xe9, 0, 0, 0, 0];
    const bytes = tinyPayload({ hooks: { load: { bytes: code, refers: { at: 10, symbol: 'printk' } } } });
    expect(messages(bytes)).toMatch(/XS605 .*page fault: the stack writes to/);
  });

  test('that meet an int3 go on behind it, as in the hypervisor', () => {
    expect(messages(hooked([0xcc, 0xc3]).bytes())).toBe('');
  });
});

describe('a payload', () => {
  test('that needs more memory than the host has is refused', () => {
    const builder = hooked([0xc3]);
    for (let k = 0; k < 40; k++) builder.bss(`.bss.${k}`, 2 << 20);
    expect(messages(builder.bytes())).toMatch(/XS601 upload p: ENOMEM/);
  });

  test('with very much metadata is applied, and not all of it printed', () => {
    const builder = hooked([0xc3]).section('.modinfo', new Uint8Array(1 << 20), { flags: A });
    const { levels, steps } = prove(builder.bytes());
    expect(levels.applies).toBe('passed');
    expect(steps.flatMap(({ console }) => console).length).toBeLessThan(20_000);
  });

  test('that is refused without a word is told why', () => {
    const [found] = prove(new Uint8Array(0)).diagnostics;
    expect(found.notes).toEqual([
      'the hypervisor does not say why: it has 0 bytes; a payload has 1 to 2097152',
    ]);
  });
});

/** Park and Miller's generator: the same numbers in every run. */
function* numbers(): Generator<number> {
  for (let state = 20_251_127; ;) {
    state = (state * 48_271) % 0x7fff_ffff;
    yield state;
  }
}

/** Copies with up to eight bytes changed, all of the file or in a part of it. */
function* mutants(bytes: Uint8Array, count: number): Generator<Uint8Array> {
  const random = numbers();
  const next = (below: number): number => Number(random.next().value) % below;
  for (let k = 0; k < count; k++) {
    const changed = Uint8Array.from(bytes);
    for (let left = 1 + next(8); left > 0; left--) changed[next(bytes.length)] = next(256);
    yield changed;
  }
}

describe('bytes changed at random', () => {
  test('of a payload lead to findings or to none', () => {
    const code = { bytes: [0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0, 0x31, 0xc0, 0xc3] };
    const good = tinyPayload({
      functions: [{ name: 'chosen', bytes: returns(7) }],
      hooks: { load: { ...code, refers: { at: 8, symbol: 'printk' } }, unload: { bytes: [0xc3] } },
    });
    const seen = new Set<string>();
    for (const bytes of mutants(good, 40))
      for (const { code: found } of prove(bytes).diagnostics) seen.add(found);
    expect([...seen]).toEqual(expect.arrayContaining(['XS601', 'XS605']));
  });

  test('of an image lead to an image or to none', () => {
    const good = tinyPayload({ functions: [{ name: 'chosen', bytes: returns(7) }] });
    const found: Diagnostic[] = [];
    for (const bytes of mutants(tinyBytes(), 100)) {
      const image = readXenImage('tiny-xen', bytes, (one) => found.push(one));
      if (image !== undefined) found.push(...prove(good, { image }).diagnostics);
    }
    expect(found.length).toBeGreaterThan(0);
  });
});

describe('a scenario', () => {
  const read = (scenario: object): string[] => {
    const found: Diagnostic[] = [];
    readScenario('s.json', JSON.stringify({ scenario: 1, title: 't', ...scenario }), (one) =>
      found.push(one),
    );
    return found.map(({ message }) => message);
  };
  const call = { call: 'chosen', before: {} };

  test.each([
    ['too many arguments', { calls: [{ ...call, arguments: new Array<number>(65).fill(0) }] }, /arguments/],
    ['too many calls', { calls: new Array<object>(1001).fill(call) }, /^calls: /],
    [
      'an error that is none',
      { rendezvous: [{ cpus: [], expect: { errno: 'EWHAT' } }] },
      /must be the name of an error/,
    ],
    [
      'more bytes to look at than a block has',
      { memory: { a: { size: 2 } }, calls: [{ call: 'chosen', before: { memory: { a: '000000' } } }] },
      /has only 2 bytes to look at/,
    ],
    [
      'a block by the name of a method',
      { calls: [{ ...call, arguments: [{ memory: 'toString' }] }] },
      /no memory/,
    ],
  ])('with %s is refused', (_, scenario, why) => {
    expect(read(scenario)).toEqual([expect.stringMatching(why)]);
  });

  test('with more memory than the host has says so', () => {
    const memory = Object.fromEntries(Array.from({ length: 40 }, (_, k) => [`m${k}`, { size: 1 << 20 }]));
    const text = JSON.stringify({ scenario: 1, title: 't', memory, calls: [call] });
    const scenario = readScenario('s.json', text, () => undefined);
    if (scenario === undefined) throw new Error('the scenario is refused');
    const bytes = tinyPayload({ functions: [{ name: 'chosen', bytes: returns(7) }] });
    const proof = prove(bytes, { scenarios: [{ path: 's.json', scenario }] });
    expect(proof.diagnostics.map(({ code }) => code)).toEqual(['XS622']);
  });
});
