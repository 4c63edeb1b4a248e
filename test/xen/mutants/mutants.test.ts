/** Mutants are what they say, each is recorded, and a model that errs is told from one that does not. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { HostDied } from '../../../src/qemu/host.js';
import { GOLDEN } from '../../support/golden.js';
import { mustRead } from '../../support/elf-builder.js';
import { ALL_MUTANTS, OWN_MUTANTS } from './all-mutants.js';
import { callsOf, trialOf } from './calls.js';
import { DEADLY_MUTANTS } from './deadly-mutants.js';
import { retargeted } from './foreign-mutants.js';
import { DiedOfIt, disagreementLines, disagreements, performCalls } from './judge.js';
import type { MutantHost } from './judge.js';
import type { Mutant } from './mutant.js';
import type { OwnPayload } from './own-payloads.js';
import { OWN_PAYLOADS, ownPayload } from './own-payloads.js';
import { PayloadEdit } from './payload-edit.js';
import { readRecord, RECORDED, RECORDED_DEADLY, recordLine } from './recorded.js';
import { realAnswers } from './prove.js';
import { answersIn } from './real-host.js';
import { lastWords, outcomeText, tellingLines } from './verdict.js';

const XEN = new Uint8Array(20).fill(0xab);
const GOOD = new Map<string, Uint8Array>(OWN_PAYLOADS.map((name) => [name, ownPayload(name, XEN)]));
const good = (of: string): Uint8Array => {
  const payload = GOOD.get(of);
  if (payload === undefined) throw new Error(`no payload ${of}`);
  return payload;
};
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const plain = (): PayloadEdit => new PayloadEdit(good('plain'));

describe('good payloads', () => {
  test.each([...OWN_PAYLOADS])('%s can be read, and has the notes that Xen asks for', (name: OwnPayload) => {
    const names = mustRead(good(name)).sections.map((section) => section.name);
    expect(names).toEqual(
      expect.arrayContaining(['.note.gnu.build-id', '.livepatch.depends', '.livepatch.xen_depends']),
    );
  });

  test('can be made to name another hypervisor', () => {
    const other = new Uint8Array(20).fill(0xcd);
    const notes = (payload: Uint8Array): Uint8Array[] =>
      ['.livepatch.depends', '.livepatch.xen_depends'].map((name) =>
        new PayloadEdit(payload).contentsOf(name),
      );
    expect(notes(retargeted(good('plain'), other))).toEqual(notes(ownPayload('plain', other)));
  });
});

describe('edits', () => {
  test('fields of headers, symbols and relocations by name', () => {
    const file = mustRead(
      plain()
        .header('e_flags', 7)
        .section('.rodata', 'sh_addralign', 32)
        .symbol('mutant_constant', 'st_size', 4)
        .symbol('mutant_constant', 'st_value', 3)
        .rela('.livepatch.funcs', 1, 'r_addend', (old) => old + 5n)
        .bytes(),
    );
    expect(file.header.e_flags).toBe(7);
    expect(file.sections.find(({ name }) => name === '.rodata')?.sh_addralign).toBe(32);
    expect(file.symbols.st_value[file.symbols.names.indexOf('mutant_constant')]).toBe(3n);
    const records = file.sections.findIndex(({ name }) => name === '.livepatch.funcs');
    expect(file.relas[file.relaOf[records]].r_addend[1]).toBe(5);
  });

  test('what grows keeps all else', () => {
    const edit = plain();
    const symbol = edit.rename('.rodata', '.a-longer-name').addSymbol('added', '.rodata', 4);
    edit.addSection({ name: '.added', sh_type: 1, bytes: Uint8Array.of(1, 2, 3) });
    edit.contents('.comment', Uint8Array.of(9));
    const file = mustRead(edit.spread('.rela.livepatch.funcs', 24).bytes());
    expect(file.symbols.names[symbol]).toBe('added');
    expect(file.sections.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['.a-longer-name', '.added']),
    );
    expect(edit.contentsOf('.comment')).toEqual(Uint8Array.of(9));
    expect(file.symbols.names).toContain('mutant_constant');
  });

  test('headers can come first', () => {
    const [before, after] = [plain(), plain().headersFirst()].map((edit) => mustRead(edit.bytes()));
    expect(after.header.e_shoff).toBe(64);
    expect(after.symbols.names).toEqual(before.symbols.names);
  });

  test('of what is not there fail', () => {
    expect(() => plain().section('.nothing', 'sh_size', 0)).toThrow('.nothing');
    expect(() => plain().symbol('nothing', 'st_size', 0)).toThrow('nothing');
    expect(() => plain().rela('.livepatch.funcs', 99, 'r_sym', 0)).toThrow('99');
    expect(() => plain().number('.rodata', 7, 4, 0)).toThrow('.rodata');
  });
});

describe('mutants', () => {
  const every = [...ALL_MUTANTS, ...DEADLY_MUTANTS];
  const own = [...OWN_MUTANTS, ...DEADLY_MUTANTS];

  test('have names of their own, which fit into a line of the record', () => {
    expect(new Set(every.map(({ name }) => name)).size).toBe(every.length);
    expect(every.filter(({ name, rule }) => `${name}${rule}`.includes(' | '))).toEqual([]);
  });

  test('are other than the good payload, unless they say so', () => {
    const same = own.filter(
      (mutant) => Buffer.compare(mutant.mutate(good(mutant.of)), good(mutant.of)) === 0,
    );
    const told = /^nothing|another payload|is applied|that may veto|takes the place|is any|anywhere/;
    expect(same.filter(({ rule }) => !told.test(rule)).map(({ name }) => name)).toEqual([]);
  });

  test('are the same each time, and leave the good payload alone', () => {
    const before = OWN_PAYLOADS.map((name) => Buffer.from(good(name)).toString('hex'));
    const [once, again] = [0, 1].map(() => own.map((mutant) => hashOf(mutant.mutate(good(mutant.of)))));
    expect(once).toEqual(again);
    expect(OWN_PAYLOADS.map((name) => Buffer.from(good(name)).toString('hex'))).toEqual(before);
  });

  test.each([
    [RECORDED, ALL_MUTANTS],
    [RECORDED_DEADLY, DEADLY_MUTANTS],
  ] as const)('%s has a line for each, in their order', (golden, mutants) => {
    const text = readFileSync(path.join(GOLDEN, golden), 'utf8');
    const answers = readRecord(text);
    expect(text).toBe(mutants.map((m) => `${recordLine(m, answers.get(m.name) ?? '')}\n`).join(''));
    const deadly = [...answers.values()].filter((answer) => answer.includes('kills the host'));
    expect(deadly).toHaveLength(golden === RECORDED ? 0 : mutants.length);
  });
});

const SAMPLE: Mutant = {
  ...{ name: 'sample/one', of: 'plain', rule: 'a sample', mutate: (bytes: Uint8Array) => bytes },
  then: ['apply', 'revert'],
  before: [{ payload: 'hooked', applied: true }],
};

const host = (rcs: Readonly<Record<string, number>>, lines: readonly string[] = []): MutantHost => {
  const answer = (call: string): { rc: number; console: readonly string[] } => {
    const rc = rcs[call] ?? 0;
    if (rc > 0) throw new DiedOfIt(['FATAL PAGE FAULT', 'and more']);
    return { rc, console: lines };
  };
  return { upload: (name) => answer(`upload ${name}`), act: (action, name) => answer(`${action} ${name}`) };
};
const told = (rcs: Readonly<Record<string, number>>): string =>
  outcomeText(trialOf(SAMPLE, performCalls(host(rcs), callsOf(SAMPLE, good))).outcomes);

describe('what the answers come to', () => {
  test('all calls that are not moot are told', () => {
    expect(told({})).toBe('upload 0; apply 0; revert 0');
    expect(told({ 'upload mutant': -22, 'apply mutant': -2, 'unload mutant': -2 })).toBe('upload EINVAL');
    expect(told({ 'apply mutant': -34 })).toBe('upload 0; apply ERANGE');
    expect(told({ 'revert mutant': -1, 'unload mutant': -22 })).toBe(
      'upload 0; apply 0; revert EPERM; unload EINVAL',
    );
  });

  test('death is told with its cause', () => {
    expect(told({ 'upload mutant': 1 })).toBe('upload kills the host: FATAL PAGE FAULT');
    expect(told({ 'apply mutant': 1 })).toBe('upload 0; apply kills the host: FATAL PAGE FAULT');
  });

  test('a host is clean when nothing is left on it', () => {
    const clean = (rcs: Readonly<Record<string, number>>): boolean =>
      trialOf(SAMPLE, performCalls(host(rcs), callsOf(SAMPLE, good))).clean;
    expect(clean({ 'upload mutant': -22, 'unload mutant': -2 })).toBe(true);
    expect(clean({ 'unload hooked': -22 })).toBe(false);
    expect(() => told({ 'apply hooked': -22 })).toThrow('what comes before it failed');
  });

  test('addresses are masked, and what is not about payloads is left out', () => {
    const lines = ['livepatch: at ffff82d040600000+0x5', 'rax: 0000000000000000', 'hook: one '];
    expect(tellingLines(lines)).toEqual(['livepatch: at ADDRESS+0x5', 'hook: one']);
    expect(lastWords(['x', 'Xen BUG at a.c:1', 'Xen BUG at a.c:1'])).toEqual(['Xen BUG at a.c:1']);
  });
});

test('lines of the console belong to the answer that follows them', () => {
  const lines = [
    'before',
    '@@trial 3',
    '(XEN) a',
    '@@answer -22',
    '',
    '(XEN) b',
    '(XEN) c',
    '@@answer 0',
    '(XEN) d',
  ];
  const parsed = lines.map((line) =>
    line.startsWith('(XEN) ')
      ? ({ from: 'xen', text: line.slice(6) } as const)
      : ({ from: 'dom0', text: line } as const),
  );
  expect(answersIn(parsed)).toEqual([
    {
      verdicts: [
        { rc: -22, console: ['a'] },
        { rc: 0, console: ['b', 'c'] },
      ],
    },
  ]);
});

test('a model that errs is told of', () => {
  const recorded = new Map([['sample/one', 'upload 0; apply 0; revert 0']]);
  const judge = (rcs: Readonly<Record<string, number>>) => ({ host: () => host(rcs) });
  expect(disagreements(judge({}), [SAMPLE], recorded, good)).toEqual([]);
  const [found, ...more] = disagreements(judge({ 'apply mutant': -22 }), [SAMPLE], recorded, good);
  expect(more).toEqual([]);
  expect(disagreementLines(found)).toEqual([
    'sample/one: a sample',
    '  real:  upload 0; apply 0; revert 0',
    '  model: upload 0; apply EINVAL',
  ]);
  expect(disagreements(judge({}), [SAMPLE], new Map(), good)).toHaveLength(1);
});

describe('where a host goes silent', () => {
  const MUTANTS: readonly Mutant[] = ['one', 'two', 'three'].map((name) => ({
    ...{ name, of: 'plain', rule: 'a sample', mutate: (bytes: Uint8Array) => bytes },
  }));
  /** Hosts that answer to each call with success, the first of them up to the answers given. */
  const hosts = (silences: readonly number[]) => {
    let host = -1;
    return {
      machine: () => {
        host += 1;
        const answers = silences[host] ?? Infinity;
        return Promise.resolve({
          command: (line: string) => command(line, answers),
          pressKey: () => Promise.resolve([]),
          powerOff: () => Promise.resolve(),
        });
      },
      discard: () => Promise.resolve(),
    };
  };
  const command = (line: string, most: number) => {
    const first = /^\/livepatch-calls \S+ (\d+)/.exec(line)?.[1];
    const all = MUTANTS.slice(Number(first ?? MUTANTS.length)).flatMap((mutant, k) => [
      `@@trial ${String(Number(first) + k)}`,
      ...callsOf(mutant, good).map(() => '@@answer 0'),
    ]);
    const lines = all.slice(0, most).map((text) => ({ from: 'dom0', text }) as const);
    if (lines.length === all.length) return Promise.resolve({ exit_code: 0, output: [], console: [], lines });
    return Promise.reject(Object.assign(new HostDied('the host hangs', true), { lines }));
  };
  const perTrial = callsOf(MUTANTS[0], good).length + 1;
  const tried = async (silences: readonly number[]): Promise<[Map<string, string>, string[]]> => {
    const said: string[] = [];
    const supply = hosts(silences);
    const step = { payloads: good, program: new Uint8Array(), hosts: () => supply };
    const answers = await realAnswers({ ...step, say: (line) => said.push(line) }, MUTANTS);
    return [answers, said];
  };

  test('the mutant is tried once more on another, and what was answered counts', async () => {
    const [answers, said] = await tried([perTrial + 2]);
    expect([...answers]).toEqual(MUTANTS.map(({ name }) => [name, 'upload 0']));
    expect(said).toEqual(['       silent at two, which is tried once more\nthe host hangs']);
  });

  test('twice at the same one is a failure, and so is once at every one', async () => {
    await expect(tried([perTrial + 2, 2])).rejects.toThrow('the host hangs');
    await expect(tried([1, perTrial + 1, perTrial + 1])).rejects.toThrow('the host hangs');
  });
});
