/** Which way is taken, and what is said of ways that are not open. */
import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import type { ProfileName } from '../../../src/hypervisor/profiles.js';
import { chooseWays } from '../../../src/splice/choose.js';
import type { SpliceWish } from '../../../src/model/splice-wishes.js';
import type { FunctionPlan } from '../../../src/splice/plan.js';

const closed = (why: string): { possible: boolean; obstacles: string[]; quiet: string[] } => ({
  possible: why === '',
  obstacles: why === '' ? [] : [why],
  quiet: [],
});

interface Given {
  readonly name?: string;
  readonly inPlace?: string;
  readonly callers?: string;
  readonly trampoline?: string;
  readonly sites?: number;
  readonly spans?: readonly string[];
}

function planOf({
  name = 'f',
  inPlace = '',
  callers = '',
  trampoline = '',
  sites = 1,
  spans = ['90'],
}: Given): FunctionPlan {
  const site = {
    address: '0x1',
    kind: 'call',
    place: 'g',
    caller: 'g',
    old: '',
    permissions: 'r-x',
  } as const;
  return {
    name,
    payload: 'p',
    address: '0x10',
    oldSize: 16,
    newSize: 16,
    inPlace: {
      ...closed(inPlace),
      room: 16,
      excess: 0,
      spans: spans.map((bytes) => ({ address: '0x10', permissions: 'r-x', old: bytes, new: bytes })),
    },
    callers: {
      ...closed(callers),
      sites: Array.from({ length: sites }, () => ({ ...site, holder: { address: '0x1', size: 9 } })),
      slots: [],
      alternatives: [],
      uses: [],
    },
    trampoline: { ...closed(trampoline), jumpAt: 0, distance: 9, entered: [] },
  };
}

function choose(
  wishes: readonly SpliceWish[],
  plans: readonly Given[],
  profile: ProfileName = 'xsplice-v1',
  below: ReadonlyMap<string, string> = new Map(),
): { ways: readonly string[]; said: readonly string[] } {
  const found: Diagnostic[] = [];
  const functions = plans.map(planOf);
  const ways = chooseWays({ wishes, profile: PROFILES[profile], functions, below }, (d) => found.push(d));
  return {
    ways: [...ways.values()],
    said: found.map(({ code, notes }) => `${code}: ${notes.join('; ')}`),
  };
}

describe('auto', () => {
  const auto: readonly SpliceWish[] = [{ way: 'auto' }];
  test.each<[string, Given, ProfileName, string]>([
    ['what fits goes in place', {}, 'xsplice-v1', 'in-place'],
    ['few callers are turned', { inPlace: 'no' }, 'xsplice-v1', 'callers'],
    ['many are not', { inPlace: 'no', sites: 9 }, 'xsplice-v1', 'trampoline'],
    ['unless nothing else is open', { inPlace: 'no', sites: 9, trampoline: 'no' }, 'xsplice-v1', 'callers'],
    ['the rest jumps', { inPlace: 'no', callers: 'no' }, 'xsplice-v1', 'trampoline'],
    ['Xen writes NOPs in place', {}, '4.17', 'in-place'],
    ['31 bytes of them', { spans: [Array(31).fill('90').join(' ')] }, '4.17', 'in-place'],
    ['and not 32', { spans: [Array(32).fill('90').join(' ')] }, '4.17', 'trampoline'],
    ['nor anything else', { spans: ['90', 'c3'] }, '4.17', 'trampoline'],
    ['nor before 4.8', {}, '4.7', 'trampoline'],
  ])('%s', (_what, given, profile, way) => {
    expect(choose(auto, [given], profile)).toEqual({ ways: [way], said: [] });
  });

  test('what a payload below has changed gets a jump', () => {
    expect(choose(auto, [{}], 'xsplice-v1', new Map([['f', 'first']])).ways).toEqual(['trampoline']);
  });
});

describe('what is asked for', () => {
  test('counts for a function before it counts for all, and the last wish counts', () => {
    const wishes: readonly SpliceWish[] = [
      { function: 'g', way: 'callers' },
      { way: 'callers' },
      { way: 'in-place' },
      { function: 'h', way: 'callers' },
      { function: 'h', way: 'trampoline' },
    ];
    expect(choose(wishes, [{}, { name: 'g' }, { name: 'h' }])).toEqual({
      ways: ['in-place', 'callers', 'trampoline'],
      said: [],
    });
  });

  test('is refused with what stands in the way', () => {
    expect(choose([{ way: 'callers' }], [{ callers: 'its address is taken' }]).said).toEqual([
      'XS440: its address is taken',
    ]);
    expect(choose([{ way: 'in-place' }], [{}], 'xsplice-v1', new Map([['f', 'first']])).said).toEqual([
      'XS440: first below has changed it',
    ]);
    expect(choose([{ way: 'callers' }], [{}], '4.17').said[0]).toMatch(/^XS441: it writes jumps and NOPs/);
    expect(choose([{ way: 'in-place' }], [{}], '4.7').said[0]).toMatch(/^XS441: .* came with Xen 4.8/);
    expect(choose([{ way: 'in-place' }], [{ spans: ['c3'] }], '4.17').said[0]).toMatch(/^XS441: .*NOPs only/);
    expect(choose([{ function: 'nobody', way: 'auto' }], [{}]).said).toEqual(['XS903: it replaces f']);
  });

  test('a jump that code goes around is possible; the proof warns of it', () => {
    const trampoline = 'code that runs leads past its entry at 1 places';
    expect(choose([{ way: 'trampoline' }], [{ trampoline }]).said).toEqual([]);
  });
});
