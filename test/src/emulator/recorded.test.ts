/** What a real processor made of single instructions, recorded in golden/insn, and the emulator must make of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { discoverForms } from '../../emulator/oracle/forms.js';
import { differences } from '../../emulator/oracle/compare.js';
import { Guest } from '../../emulator/oracle/guest.js';
import { readCase, writeCase } from '../../emulator/oracle/text.js';
import { EAGER, WAYS, isComparable } from '../../emulator/oracle/ways.js';
import { OPERATIONS } from '../../../src/emulator/ops/table.js';
import { GOLDEN } from '../../support/golden.js';

const FEWEST = 20;

/** What translations do themselves; everything else they leave to the interpreter. */
const CORE = (
  'mov lea add adc sub sbb cmp and or xor test inc dec neg not movzx movsx cbw cwde cdqe cwd cdq cqo shl shr sar rol ' +
  'ror shld shrd shlx shrx sarx mul imul div idiv mulx bt bts btr btc bsf bsr tzcnt lzcnt popcnt blsr blsi blsmsk ' +
  'andn push pop call ret jmp jcc setcc cmovcc loop jrcxz leave movs stos lods xchg xadd cmpxchg bswap movbe clc stc ' +
  'cld std cmc nop'
).split(' ');

const linesOf = (name: string): string[] =>
  readFileSync(join(GOLDEN, 'insn', `${name}.ins`), 'utf8')
    .trimEnd()
    .split('\n');

const provable = OPERATIONS.filter(({ notOnHost }) => notOnHost === undefined).map(({ name }) => name);

describe.each(WAYS)('recorded instructions, $way', (way) => {
  const guest = new Guest(way.options);

  test.each(provable)('%s does what the processor does', (name) => {
    const complaints: string[] = [];
    for (const line of linesOf(name)) {
      if (line.startsWith(';')) continue;
      const { input, outcome, undefinedMask } = readCase(line);
      if (!isComparable(way, input, outcome)) continue;
      const found = differences(outcome, guest.run(input), undefinedMask);
      if (found.length > 0) complaints.push(`${line}\n  ${found.join('\n  ')}`);
    }
    expect(complaints).toEqual([]);
  });
});

describe('recorded instructions', () => {
  const guest = new Guest();

  test('of the integer core run as translated code', () => {
    const left: string[] = [];
    for (const name of CORE) {
      const own = new Guest({ engine: EAGER });
      for (const line of linesOf(name)) if (!line.startsWith(';')) own.run(readCase(line).input);
      if (own.translated === 0) left.push(name);
    }
    expect(left).toEqual([]);
  });

  test('are there for every form of the table, at least twenty for each', () => {
    const counts = new Map<string, number>();
    let form = '';
    for (const line of provable.flatMap(linesOf)) {
      if (line.startsWith('; ')) form = line.slice(2);
      counts.set(form, (counts.get(form) ?? -1) + 1);
    }
    const few = [...discoverForms().keys()].filter((name) => (counts.get(name) ?? 0) < FEWEST);
    expect(few).toEqual([]);
  });

  test('are read as they are written', () => {
    for (const line of [...linesOf('add'), ...linesOf('div'), ...linesOf('movups')].filter(
      (l) => !l.startsWith(';'),
    )) {
      const { input, outcome, undefinedMask } = readCase(line);
      expect(writeCase(input, outcome, undefinedMask)).toBe(line);
    }
  });

  test('show a wrong result', () => {
    const { input, outcome } = readCase('01d8 rax=5 rbx=7 f=246 > rax=d f=206');
    expect(differences(outcome, guest.run(input), 0)).toEqual(['rax: processor d, emulator c']);
  });
});
