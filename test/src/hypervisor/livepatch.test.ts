/** The way of a payload: uploaded, applied, reverted, unloaded; and stacks of them. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { LivePatching } from '../../../src/hypervisor/livepatch.js';
import { HandLaidGuest, HandLaidLoader, XEN_TEXT } from '../../support/hand-laid-payload.js';

const CHECKED = { state: 1, rc: 0 };
const APPLIED = { state: 2, rc: 0 };
const FILE = Uint8Array.of(1, 2, 3);
const OLD = XEN_TEXT + 0x100n;

let guest: HandLaidGuest;
let loader: HandLaidLoader;
let xen: LivePatching;

beforeEach(() => {
  guest = new HandLaidGuest();
  loader = new HandLaidLoader();
  xen = new LivePatching(guest, loader);
  loader.plans.set('one', { functions: [{ name: 'do_one', oldAddress: OLD }] });
});

describe('a payload', () => {
  test('is uploaded, applied, reverted and unloaded', () => {
    const before = guest.image();
    expect(xen.upload('one', FILE)).toMatchObject({ rc: 0, status: CHECKED });
    const uploaded = guest.image();
    const applied = xen.apply('one');
    expect(applied).toMatchObject({ rc: 0, status: APPLIED, work: { action: 'APPLY', rc: 0, lateness: [] } });
    expect(applied.console).toEqual([
      'livepatch: one: Verifying enabled expectations for all functions',
      'livepatch: one: Applying 1 functions',
      'livepatch: one finished APPLY with rc=0',
    ]);
    const target = loader.told.length > 0 ? xen.lists.all()[0].loaded.functions[0].newAddress : 0n;
    const jump = Buffer.from(guest.memory.read(OLD, 5));
    expect(jump[0]).toBe(0xe9);
    expect(OLD + 5n + BigInt(jump.readInt32LE(1))).toBe(target);
    expect(xen.revert('one')).toMatchObject({ rc: 0, status: CHECKED });
    expect(guest.image()).toBe(uploaded);
    expect(xen.unload('one')).toMatchObject({ rc: 0, status: undefined });
    expect(guest.image()).toBe(before);
  });
});
