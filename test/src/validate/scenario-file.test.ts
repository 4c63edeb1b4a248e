/** Scenarios as users write them: what they may leave out, and what is refused. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { complaintsAbout } from '../../../src/validate/scenario/compare.js';
import type { Seen } from '../../../src/validate/scenario/play.js';
import { readScenario } from '../../../src/validate/scenario/scenario-file.js';
import type { Scenario } from '../../../src/validate/scenario/scenario.js';

function read(json: unknown): { scenario: Scenario | undefined; why: readonly string[] } {
  const found: Diagnostic[] = [];
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  const scenario = readScenario('s.json', text, (problem) => found.push(problem));
  return { scenario, why: found.map(({ message }) => message) };
}

const minimal = { scenario: 1, title: 't', calls: [{ call: 'f', before: {} }] };

describe('what is read', () => {
  test('the least that there can be', () => {
    expect(read(minimal)).toEqual({
      why: [],
      scenario: {
        title: 't',
        cpus: 1,
        features: [],
        msrs: new Map(),
        memory: {},
        rendezvous: [],
        calls: [
          {
            title: 'f',
            function: 'f',
            arguments: [],
            type: 'int',
            memory: {},
            keeps: false,
            cpu: 0,
            limit: 20_000_000,
            expect: { before: {} },
          },
        ],
      },
    });
  });

  test('numbers of 64 bits, symbols, memory, texts', () => {
    const { scenario, why } = read({
      ...minimal,
      memory: { m: { bytes: '01 02ff', at: '0x5000' } },
      calls: [
        {
          call: 'f',
          arguments: [
            1,
            -5,
            '0xffff82d040200000',
            '-0x10',
            { symbol: 's', plus: '8' },
            { memory: 'm' },
            { text: 'ü' },
          ],
          before: { returns: '0x10', console_not: ['x'], memory: { m: '01' } },
          reverted: 'before',
        },
      ],
    });
    expect(why).toEqual([]);
    expect(scenario?.memory['m']).toEqual({ bytes: Uint8Array.of(1, 2, 255), size: 3, at: 0x5000n });
    expect(scenario?.calls[0].arguments).toEqual([
      1n,
      -5n,
      0xffff82d040200000n,
      -16n,
      { symbol: 's', plus: 8n },
      { memory: 'm', plus: 0n },
      { text: 'ü' },
    ]);
    const expected = { returns: 16n, consoleNot: ['x'], memory: { m: Uint8Array.of(1) } };
    expect(scenario?.calls[0].expect).toEqual({ before: expected, reverted: expected });
  });

  test('times in microseconds', () => {
    const meeting = {
      cpus: [{ cpu: 0, arrives_after_us: 1.5, stack: ['f'] }],
      timeout_us: 2,
      expect: { errno: 'EBUSY' },
    };
    expect(read({ scenario: 1, title: 't', rendezvous: [meeting] }).scenario?.rendezvous).toEqual([
      {
        title: 'rendezvous 1',
        action: 'revert',
        timeout: 2000,
        cpus: [{ cpu: 0, doing: 'busy', arrivesAfter: 1500, interruptsOffAfter: 0, stack: ['f'] }],
        expect: { errno: 'EBUSY' },
      },
    ]);
  });

  test('that of the example', () => {
    const path = new URL('../../../../golden/example/scenario.json', import.meta.url);
    expect(read(readFileSync(path, 'utf8')).why).toEqual([]);
  });
});

describe('what is refused', () => {
  const call = (more: object): object => ({ ...minimal, calls: [{ call: 'f', before: {}, ...more }] });

  test.each([
    ['no JSON', '{', /^the scenario: it is no JSON/],
    ['another version', { ...minimal, scenario: 2 }, /^scenario: /],
    ['a misspelt field', call({ befor: {} }), /^calls.0.befor: /],
    ['a misspelt expectation', call({ before: { return: 1 } }), /^calls.0.before.return: /],
    ['nothing to do', { scenario: 1, title: 't' }, /it has neither calls nor rendezvous/],
    ['nothing expected', { ...minimal, calls: [{ call: 'f' }] }, /^calls.0: it expects nothing/],
    ['a number beyond 64 bits', call({ arguments: ['0x10000000000000000'] }), /^calls.0.arguments.0: /],
    ['no number', call({ arguments: ['one'] }), /^calls.0.arguments.0: /],
    ['half a byte', call({ memory: { m: { bytes: '0' } } }), /^calls.0.memory.m.bytes: must be bytes/],
    ['too much memory', call({ memory: { m: { size: 2 ** 30 } } }), /^calls.0.memory.m.size: /],
    ['a block that is not there', call({ arguments: [{ memory: 'm' }] }), /there is no memory block m/],
    ['a block that is not compared', call({ before: { memory: { m: '00' } } }), /there is no memory block m/],
    ['a CPU that is not there', call({ cpu: 1 }), /^calls.0.cpu: there are only 1 CPUs/],
    ['a bad pattern', call({ before: { console: ['/(/'] } }), /must be a regular expression/],
    ['an MSR beyond 32 bits', { ...minimal, msrs: { '0x100000000': 1 } }, /^msrs/],
    ['an MSR that is neither', { ...minimal, msrs: { 1: 'gone' } }, /^msrs.1: /],
    ['no limit', call({ limit: 0 }), /^calls.0.limit: /],
  ])('%s', (_what, json, why) => {
    const { scenario, why: found } = read(json);
    expect(scenario).toBeUndefined();
    expect(found.join('\n')).toMatch(why);
  });
});

describe('what is compared', () => {
  const seen: Seen = {
    rax: 0xdeadbeef_ffffffean,
    died: undefined,
    console: ['one', 'two'],
    faults: 0,
    warnings: 1,
    text: undefined,
    memoryAt: () => Uint8Array.of(1, 2, 3),
  };

  test.each([
    ['int', { returns: -22n }, []],
    ['int', { returns: 0xffffffean }, []],
    ['long', { returns: -22n }, ['returns -2401053088317177878 instead of -22']],
    ['bool', { returns: true }, []],
    ['bool', { returns: false }, ['returns true instead of false']],
    ['void', { returns: 1n }, ['returns nothing instead of 1']],
    ['text', { returns: 'x' }, ['returns 0xdeadbeefffffffea, which is no text instead of "x"']],
    ['int', { console: ['one', '/^t.o$/'], warnings: 1, faults: 0 }, []],
    ['int', { console: ['two', 'one'] }, ['not on the console: one']],
    ['int', { consoleNot: ['/w/'] }, ['unwanted on the console: two']],
    ['int', { memory: { m: Uint8Array.of(1, 9) } }, ['memory m from byte 1: 0203 instead of 09']],
    ['int', { dies: 'x' }, ['the host was to die (x) and lives']],
  ] as const)('%s %j', (type, expected, complaints) => {
    expect(complaintsAbout(expected, seen, type).complaints).toEqual(complaints);
  });

  test('a host that died returns nothing, and only how it died counts', () => {
    const dead = { ...seen, died: 'page fault' };
    expect(complaintsAbout({ returns: 1n }, dead, 'int')).toEqual({
      complaints: ['the host dies: page fault'],
      returned: undefined,
    });
    expect(complaintsAbout({ dies: 'page' }, dead, 'int').complaints).toEqual([]);
    expect(complaintsAbout({ dies: 'BUG' }, dead, 'int').complaints).toEqual([
      'the host was to die of "BUG", and dies of: page fault',
    ]);
  });
});
