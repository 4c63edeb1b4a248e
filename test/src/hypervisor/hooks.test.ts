/** Hooks of all kinds: when they are called, with what, what they may decide, and what is believed of them. */
import { describe, expect, test } from '@jest/globals';
import { Errno } from '../../../src/hypervisor/errno.js';
import { HOOK_KINDS, PROFILES } from '../../../src/hypervisor/profiles.js';
import type { HookKind } from '../../../src/hypervisor/profiles.js';
import { HostDied } from '../../../src/hypervisor/host-died.js';
import { layHost, oldFunction, uploadAll } from '../../support/hand-laid-payload.js';
import type { HookScript, Host, Plan } from '../../support/hand-laid-payload.js';

const OLD = oldFunction(0);
const ADDRESSES = new Map<HookKind, bigint>(HOOK_KINDS.map((kind, k) => [kind, BigInt(0x1000 + 16 * k)]));
const addressOf = (kind: HookKind): bigint => ADDRESSES.get(kind) ?? 0n;

/** A payload with these hooks; the scripts are called by kind. */
function hookedHost(
  scripts: Partial<Record<HookKind, HookScript>>,
  profile: keyof typeof PROFILES = '4.17',
  others: Readonly<Record<string, Plan>> = {},
): Host {
  const kinds = HOOK_KINDS.filter((kind) => scripts[kind] !== undefined);
  const plan: Plan = {
    functions: [{ name: 'f', oldAddress: OLD }],
    hooks: Object.fromEntries(kinds.map((kind) => [kind, [addressOf(kind)]])),
  };
  const host = layHost({ p: plan, ...others }, { profile: PROFILES[profile] });
  for (const kind of kinds) host.guest.scripts.set(addressOf(kind), scripts[kind] ?? (() => 0));
  uploadAll(host);
  return host;
}

const calledKinds = ({ guest }: Host): (HookKind | undefined)[] =>
  guest.calls.map(({ address }) => HOOK_KINDS.find((kind) => addressOf(kind) === address));

/** What a hook sees and can write to through its argument; offsets of 4.17. */
function argument({ guest }: Host, payload: bigint): DataView & { readonly fstate: bigint } {
  const view = new DataView(Uint8Array.from(guest.memory.read(payload, 552)).buffer);
  return Object.assign(view, { fstate: view.getBigUint64(112, true) });
}

function putApplied(host: Host, payload: bigint, applied: number): void {
  host.guest.memory.write(argument(host, payload).fstate + 4n, Uint8Array.of(applied, 0, 0, 0));
}

describe('hooks', () => {
  test('are called around both ways, those of lists without an argument', () => {
    const none: HookScript = () => 0;
    const host = hookedHost({
      load: none,
      unload: none,
      preapply: none,
      postapply: none,
      prerevert: none,
      postrevert: none,
    });
    const applied = host.xen.apply('p');
    expect(calledKinds(host)).toEqual(['preapply', 'load', 'postapply']);
    expect(applied.console).toEqual([
      'livepatch: p: Verifying enabled expectations for all functions',
      'livepatch: p: Calling pre-apply hook function',
      'livepatch: p: Applying 1 functions',
      'livepatch: p: Calling post-apply hook function with rc=0',
      'livepatch: p finished APPLY with rc=0',
    ]);
    const reverted = host.xen.revert('p');
    expect(calledKinds(host).slice(3)).toEqual(['prerevert', 'unload', 'postrevert']);
    expect(reverted.console).toEqual([
      'livepatch: p: Calling pre-revert hook function',
      'livepatch: p: Reverting',
      'livepatch: p: Calling post-revert hook function with rc=0',
      'livepatch: p finished REVERT with rc=0',
    ]);
    const payload = host.xen.lists.all()[0].address;
    expect(host.guest.calls.map(({ args }) => args)).toEqual([
      [payload],
      [],
      [payload],
      [payload],
      [],
      [payload],
    ]);
  });

  test('of load run before functions are patched, of unload after they are restored', () => {
    const seen: number[] = [];
    const look: HookScript = () => seen.push(host.guest.memory.read(OLD, 1)[0]);
    const host = hookedHost({ load: look, unload: look, postapply: look, postrevert: look });
    const [byte] = host.guest.memory.read(OLD, 1);
    host.xen.apply('p');
    host.xen.revert('p');
    expect(seen).toEqual([byte, 0xe9, byte, byte]);
  });

  test('of lists are called in order, all of them', () => {
    const host = layHost({ p: { hooks: { load: [0x1000n, 0x1010n, 0x1000n], unload: [0x1010n, 0x1000n] } } });
    for (const address of [0x1000n, 0x1010n]) host.guest.scripts.set(address, () => 0);
    uploadAll(host);
    host.xen.apply('p');
    host.xen.revert('p');
    expect(host.guest.calls.map(({ address }) => address)).toEqual([
      0x1000n,
      0x1010n,
      0x1000n,
      0x1010n,
      0x1000n,
    ]);
  });

  test('are none when the pointer in their section is NULL', () => {
    const kinds = HOOK_KINDS.filter((kind) => kind !== 'load' && kind !== 'unload');
    const host = layHost({
      p: {
        functions: [{ name: 'f', oldAddress: OLD }],
        hooks: Object.fromEntries(kinds.map((kind) => [kind, [0n]])),
      },
    });
    uploadAll(host);
    expect(host.xen.apply('p').status).toEqual({ state: 2, rc: 0 });
    expect(host.xen.revert('p').status).toEqual({ state: 1, rc: 0 });
    expect(host.xen.replace('p').status).toEqual({ state: 2, rc: 0 });
    expect(host.guest.calls).toEqual([]);
  });

  test('that the release does not know are data to it', () => {
    const none: HookScript = () => 0;
    const host = hookedHost({ load: none, preapply: none, postapply: none }, '4.7');
    expect(host.xen.apply('p').status).toEqual({ state: 2, rc: 0 });
    expect(host.guest.calls).toEqual([]);
  });
});

describe('a hook before the action', () => {
  test.each([-Errno.EINVAL, 5, 0x1_0000_0003])('that returns %i says no', (returned) => {
    const rc = returned | 0;
    const host = hookedHost({ preapply: () => returned, postapply: () => 0 });
    const before = host.guest.image();
    const refused = host.xen.apply('p');
    expect(refused).toMatchObject({ rc, status: { state: 1, rc }, work: undefined });
    expect(refused.console.slice(-2)).toEqual([
      'livepatch: p: Calling pre-apply hook function',
      `livepatch: p: pre-apply hook failed (rc=${rc}), aborting!`,
    ]);
    expect(host.guest.image()).toBe(before);
    expect(calledKinds(host)).toEqual(['preapply']);
  });

  test('may say no to a revert, and yes when it is asked again', () => {
    let retries = 1;
    const host = hookedHost({ prerevert: () => -retries--, postrevert: () => 0 });
    host.xen.apply('p');
    const before = host.guest.image();
    const refused = host.xen.revert('p');
    expect(refused).toMatchObject({ rc: -1, status: { state: 2, rc: -1 } });
    expect(refused.console.at(-1)).toBe('livepatch: p: pre-revert hook failed (rc=-1), aborting!');
    expect(host.guest.image()).toBe(before);
    expect(host.xen.revert('p')).toMatchObject({ rc: 0, status: { state: 1, rc: 0 } });
    expect(calledKinds(host)).toEqual(['prerevert', 'prerevert', 'postrevert']);
  });

  test('is not asked when something else says no first', () => {
    const host = hookedHost({ preapply: () => 0 });
    host.guest.buildId = undefined;
    expect(host.xen.apply('p').rc).toBe(-Errno.ENODATA);
    expect(host.guest.calls).toEqual([]);
  });
});

describe('a hook in the place of the action', () => {
  test('is called instead, and believed when the applied flags agree', () => {
    const host = hookedHost({
      apply: (payload): number => (putApplied(host, payload, 1), 0),
      revert: (payload): number => (putApplied(host, payload, 0), 0),
      load: () => 0,
      unload: () => 0,
    });
    const before = host.guest.image();
    const applied = host.xen.apply('p');
    expect(applied.status).toEqual({ state: 2, rc: 0 });
    expect(applied.console.slice(1)).toEqual([
      'livepatch: p: Calling apply action hook function',
      'livepatch: p finished APPLY with rc=0',
    ]);
    expect(host.guest.image()).toBe(before);
    expect(host.xen.revert('p').console).toEqual([
      'livepatch: p: Calling revert action hook function',
      'livepatch: p finished REVERT with rc=0',
    ]);
    expect(calledKinds(host)).toEqual(['apply', 'revert']);
  });

  test('may fail when it has done nothing', () => {
    const host = hookedHost({ apply: () => -Errno.ENOSYS, postapply: () => 0 });
    const failed = host.xen.apply('p');
    expect(failed).toMatchObject({ rc: 0, status: { state: 1, rc: -Errno.ENOSYS } });
    expect(failed.console.slice(-2)).toEqual([
      'livepatch: p: Calling post-apply hook function with rc=-38',
      'livepatch: p finished APPLY with rc=-38',
    ]);
    expect(host.xen.lists.applied()).toEqual([]);
  });

  test.each([
    ['apply', 'applied', 'returns 0 and applied nothing', () => 0],
    [
      'apply',
      'applied',
      'fails after it applied',
      (host: Host, p: bigint): number => (putApplied(host, p, 1), -5),
    ],
    ['revert', 'reverted', 'returns 0 and reverted nothing', () => 0],
    [
      'revert',
      'reverted',
      'fails after it reverted',
      (host: Host, p: bigint): number => (putApplied(host, p, 0), -5),
    ],
    [
      'apply',
      'applied',
      'makes the flag neither',
      (host: Host, p: bigint): number => (putApplied(host, p, 2), 0),
    ],
  ] as const)('kills the host when a hook for %s (%s) %s', (kind, participle, _, script) => {
    const host = hookedHost({ [kind]: (payload: bigint) => script(host, payload) });
    if (kind === 'revert') host.xen.apply('p');
    const reason = `livepatch: partially ${participle} payload 'p'!`;
    expect(() => host.xen[kind]('p')).toThrow(new HostDied(reason));
    expect(host.guest.console.lines.slice(-8)).toEqual([
      "livepatch: p: Payload has a function: 'f' with inconsistent applied state.",
      '',
      '****************************************',
      'Panic on CPU 0:',
      reason,
      '****************************************',
      '',
      'Reboot in five seconds...',
    ]);
  });

  test('names a function without a name', () => {
    const host = layHost({
      p: { functions: [{ name: '', oldAddress: OLD }], hooks: { apply: [0x1000n] } },
    });
    host.guest.scripts.set(0x1000n, () => 0);
    uploadAll(host);
    expect(() => host.xen.apply('p')).toThrow(HostDied);
    expect(host.guest.console.lines).toContain(
      "livepatch: p: Payload has a function: 'noname' with inconsistent applied state.",
    );
  });

  test('cannot have applied what has no old function: that is never reverted', () => {
    const host = layHost({ p: { functions: [{ name: 'f', oldAddress: 0n }], hooks: { apply: [0x1000n] } } });
    host.guest.scripts.set(0x1000n, (payload): number => (putApplied(host, payload, 1), 0));
    uploadAll(host);
    expect(host.xen.apply('p').status).toEqual({ state: 2, rc: 0 });
    expect(() => host.xen.revert('p')).toThrow(new HostDied("livepatch: partially reverted payload 'p'!"));
    expect(host.guest.console.lines).toContain('livepatch: revert_payload: f has not been applied before');
  });

  test('is believed of a flag in the record as well', () => {
    const host = hookedHost({ apply: (payload): number => (applyInRecord(payload), 0) }, '4.14');
    const applyInRecord = (payload: bigint): void => {
      const funcs = Buffer.from(host.guest.memory.read(payload + 104n, 8)).readBigUInt64LE();
      host.guest.memory.write(funcs + 64n, Uint8Array.of(1));
    };
    expect(host.xen.apply('p').status).toEqual({ state: 2, rc: 0 });
  });
});

describe('the argument', () => {
  test('tells all that is known of the payload', () => {
    const host = hookedHost({ preapply: () => 0, unload: () => 0, postrevert: () => 0 });
    const [{ address, loaded }] = host.xen.lists.all();
    const view = argument(host, address);
    const pointer = (at: number): bigint => view.getBigUint64(at, true);
    expect([view.getUint32(0, true), view.getInt32(4, true), view.getUint8(8), view.getUint8(9)]).toEqual([
      1, 0, 0, 1,
    ]);
    expect(pointer(32)).toBe(loaded.text.start);
    expect(pointer(40)).toBe(loaded.text.end - loaded.text.start);
    expect(pointer(48)).toBe(loaded.rw.start);
    expect(pointer(64)).toBe(loaded.ro.start);
    expect(view.getUint32(80, true)).toBe(3);
    expect(pointer(104)).toBe(loaded.functions[0].at);
    expect(view.getUint32(120, true)).toBe(1);
    expect([pointer(144 + 16), pointer(144 + 24)]).toEqual([loaded.text.start, loaded.text.end]);
    expect([pointer(144 + 32), pointer(144 + 40)]).toEqual([loaded.ro.start, loaded.ro.end]);
    for (const [at, buildId] of [
      [288, loaded.buildId],
      [304, loaded.depends],
      [320, loaded.xenDepends],
    ] as const) {
      expect(view.getUint32(at + 8, true)).toBe(20);
      expect(host.guest.memory.read(pointer(at), 20)).toEqual(buildId);
    }
    expect(view.getUint32(280, true)).toBe(2);
    const symbol = Buffer.from(host.guest.memory.read(pointer(128) + 24n, 24));
    expect(symbol.readBigUInt64LE(8)).toBe(loaded.text.start + 16n);
    expect([symbol.readUInt32LE(16), symbol[20]]).toEqual([8, 0]);
    expect(host.guest.memory.read(pointer(128) + 20n, 1)[0]).toBe(1);
    expect(symbol.readBigUInt64LE()).toBe(pointer(136) + 6n);
    expect(Buffer.from(host.guest.memory.read(pointer(136), 8)).toString()).toBe('p_new\0f\0');
    expect(pointer(336)).toBe(0n);
    expect(pointer(344)).toBe(loaded.hooks.get('unload')?.address);
    expect(pointer(352)).toBe(loaded.hooks.get('preapply')?.address);
    expect(pointer(352 + 40)).toBe(loaded.hooks.get('postrevert')?.address);
    expect([view.getUint32(400, true), view.getUint32(404, true)]).toEqual([0, 1]);
    expect(Buffer.from(view.buffer, 408, 2).toString()).toBe('p\0');
  });

  test.each([
    ['4.17', (start: bigint): bigint[] => [start, 3n]],
    ['4.19', (start: bigint): bigint[] => [start, start + 24n]],
  ] as const)('tells in %s where frames of its code lie', (profile, expected) => {
    const host = layHost({ p: { bugFrames: 3 } }, { profile: PROFILES[profile] });
    uploadAll(host);
    const [{ address, loaded }] = host.xen.lists.all();
    const view = argument(host, address);
    const pair = (at: number): bigint[] => [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)];
    expect(pair(144 + 56)).toEqual(expected(loaded.region.bugFrames[0].address));
    const table = loaded.region.exTable?.address ?? 0n;
    expect(pair(144 + 120)).toEqual([table, table + 8n]);
  });

  test('shows how the payload stands, and what is written to it counts', () => {
    const seen: number[][] = [];
    const look = (payload: bigint): void => {
      const view = argument(host, payload);
      const flag = host.guest.memory.read(view.fstate + 4n, 1)[0];
      seen.push([view.getUint32(0, true), view.getInt32(4, true), view.getUint8(8), flag]);
    };
    const host = hookedHost({
      preapply: (payload): number => (look(payload), 0),
      postapply: (payload): number => {
        look(payload);
        host.guest.memory.write(payload + 4n, Uint8Array.of(0xf9, 0xff, 0xff, 0xff));
        return 0;
      },
      prerevert: (payload): number => (look(payload), 0),
      postrevert: (payload): number => (look(payload), 0),
    });
    const applied = host.xen.apply('p');
    expect(applied).toMatchObject({ rc: 0, status: { state: 2, rc: -7 }, work: { rc: -7 } });
    expect(applied.console.at(-1)).toBe('livepatch: p finished APPLY with rc=-7');
    host.xen.revert('p');
    expect(seen).toEqual([
      [1, 0, 0, 0],
      [2, 0, 0, 1],
      [2, -7, 0, 1],
      [1, 0, 1, 0],
    ]);
  });

  test('lies in the rings of all and of the applied payloads, which a hook may change', () => {
    const host = hookedHost(
      {
        revert: () => -Errno.EINVAL,
        postrevert: (payload): number => {
          // As revert_payload_tail() does: out of the ring, and CHECKED.
          const word = (at: bigint): bigint => Buffer.from(host.guest.memory.read(at, 8)).readBigUInt64LE();
          const put = (at: bigint, value: bigint): void =>
            host.guest.memory.write(at, new Uint8Array(BigUint64Array.of(value).buffer));
          const [next, previous] = [word(payload + 88n), word(payload + 96n)];
          put(previous, next);
          put(next + 8n, previous);
          putApplied(host, payload, 0);
          host.guest.memory.write(payload, Uint8Array.of(1));
          return 0;
        },
      },
      '4.17',
      { q: {} },
    );
    host.xen.apply('p');
    expect(host.xen.lists.applied().map(({ name }) => name)).toEqual(['p']);
    expect(host.xen.revert('p').status).toEqual({ state: 1, rc: -Errno.EINVAL });
    expect(host.xen.lists.applied()).toEqual([]);
    expect(host.xen.lists.all().map(({ name }) => name)).toEqual(['p', 'q']);
    expect(host.xen.unload('p').rc).toBe(0);
    expect(host.xen.list().entries.map(({ name }) => name)).toEqual(['q']);
  });

  test('leads a ring that was overwritten to the end of the host', () => {
    const host = hookedHost({
      postapply: (payload): number => {
        host.guest.memory.write(payload + 16n, new Uint8Array(BigUint64Array.of(payload + 16n).buffer));
        return 0;
      },
    });
    expect(host.xen.apply('p').status).toEqual({ state: 2, rc: 0 });
    expect(() => host.xen.get('q')).toThrow('payload_list does not end: it was overwritten');
  });
});
