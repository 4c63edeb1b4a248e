/** Ways of several functions of one payload, where one is a caller of another. */
import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import type { SpliceWay } from '../../../src/model/payload-artifacts.js';
import type { FunctionPlan } from '../../../src/splice/plan.js';
import { settleWays } from '../../../src/splice/settle-ways.js';
import type { Settled } from '../../../src/splice/settle-ways.js';

const way = { possible: true, obstacles: [], quiet: [] };

/** `f` at 0x100 is called from these places; `g` at 0x200 changes 8 bytes in place, from 0x210 on. */
function plans(sites: readonly string[]): FunctionPlan[] {
  const base = { payload: 'p', oldSize: 64, newSize: 64 };
  const trampoline = { ...way, jumpAt: 0, distance: 1000, entered: [] };
  const nobody = { ...way, sites: [], slots: [], alternatives: [], uses: [] };
  return [
    {
      ...base,
      name: 'f',
      address: '0x100',
      inPlace: { ...way, room: 64, excess: 0, spans: [] },
      callers: {
        ...nobody,
        sites: sites.map((address) => ({
          address,
          kind: 'call',
          place: address,
          caller: 'g',
          permissions: 'r-x',
          old: 'e8 00 00 00 00',
          holder: { address: '0x200', size: 64 },
        })),
      },
      trampoline,
    },
    {
      ...base,
      name: 'g',
      address: '0x200',
      inPlace: {
        ...way,
        room: 64,
        excess: 0,
        spans: [{ address: '0x210', permissions: 'r-x', old: '00 11 22 33 44 55 66 77', new: '' }],
      },
      callers: nobody,
      trampoline,
    },
  ];
}

function settle(
  sites: readonly string[],
  ofG: SpliceWay,
  demanded = false,
): { settled: Settled; said: readonly string[] } {
  const found: Diagnostic[] = [];
  const wanted = new Map<string, SpliceWay>([
    ['f', 'callers'],
    ['g', ofG],
  ]);
  const wishes = [{ way: demanded ? 'callers' : 'auto' }] as const;
  const settled = settleWays(plans(sites), ['f', 'g'], wanted, wishes, (d) => found.push(d));
  return { settled, said: found.map(({ code, message }) => `${code}: ${message}`) };
}

const turned = ({ settled: { spliced } }: { settled: Settled }): string[] =>
  spliced
    .filter((one) => one.function === 0)
    .flatMap(({ places }) => places.map(({ address }) => `0x${address.toString(16)}`));

describe('a call in a function that is written over', () => {
  test.each<[string, SpliceWay, readonly string[]]>([
    ['by a jump is turned behind it alone', 'trampoline', ['0x205', '0x212', '0x300']],
    ['in place is turned where nothing changes', 'in-place', ['0x202', '0x205', '0x300']],
    // Nobody calls that one, so it gets a jump itself.
    ['by nobody before that is known', 'callers', ['0x205', '0x212', '0x300']],
  ])('%s', (_what, ofG, left) => {
    const places = ['0x202', '0x205', '0x212', '0x300'];
    expect(turned(settle(places, ofG))).toEqual(left);
  });
});

describe('when nothing is left to turn', () => {
  test('the function gets a jump', () => {
    const { settled, said } = settle(['0x212'], 'in-place');
    expect(settled.ways.get('f')).toBe('trampoline');
    expect(settled.spliced.map((one) => one.function)).toEqual([1]);
    expect(said).toEqual([]);
  });

  test('and it is said when the callers were asked for', () => {
    expect(settle(['0x212'], 'in-place', true).said).toEqual(['XS440: f cannot be spliced at its callers']);
  });
});
