/** Payloads that were made to take long, or that contradict themselves, and a whole hypervisor's worth of code. */
import { expect, test } from '@jest/globals';
import { findHazards } from '../../../../src/validate/hazards/find-hazards.js';
import { HazardScene } from '../../../support/hazard-scene.js';

const BODY = ['ba 64 00 00 00', '31 c0', 'c3'];

test('thousands of records that all overlap, and relocations that all lead astray, take no time', () => {
  const many = Array.from({ length: 70 }, (_, k) => k);
  const scene = new HazardScene().code('f', ...BODY);
  for (let k = 0; k < 500; k++) scene.code(`g${String(k)}`, 'call f+5', 'jmp f+1');
  scene.payload('p', {
    text: { new_f: [...BODY, ...many.map(() => 'call f+5')] },
    records: many.map(() => ({ old: 'f', new: 'new_f' })),
  });
  const subject = scene.subject();
  const [payload] = subject.stack;
  const records = Array.from({ length: 20_000 }, (_, k) => payload.functions[k % 70]);
  const relocations = Array.from({ length: 80_000 }, (_, k) => payload.relocations[k % 70]);
  const begin = process.cpuUsage();
  const found = findHazards({ ...subject, stack: [{ ...payload, functions: records, relocations }] });
  const { user } = process.cpuUsage(begin);
  expect(new Set(found.map(({ code }) => code))).toEqual(new Set(['XS612', 'XS617', 'XS618', 'XS630']));
  // One finding for a record and one for a relocation; pairs of them would be 200 million.
  expect(found.length).toBeLessThan(records.length + relocations.length + 10);
  expect(user).toBeLessThan(10_000_000);
});

test('places at the ends of the address space are places without anything', () => {
  const scene = new HazardScene().code('f', ...BODY);
  scene.payload('p', { text: { new_f: BODY }, records: [{ old: 'f', new: 'new_f' }] });
  const subject = scene.subject();
  const [payload] = subject.stack;
  const [record] = payload.functions;
  for (const address of [0n, 0xffff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n]) {
    const old = { ...record, oldAddress: address, oldSize: 0xffff_ffff };
    const fresh = { ...record, newAddress: address === 0n ? 1n : address };
    expect(findHazards({ ...subject, stack: [{ ...payload, functions: [old] }] }).map((d) => d.code)).toEqual(
      ['XS614'],
    );
    expect(
      findHazards({ ...subject, stack: [{ ...payload, functions: [fresh] }] }).map((d) => d.code),
    ).toEqual(['XS613']);
  }
});

test('tables that end in the middle of an entry are read as far as they go', () => {
  const bytes = [1, 2, 3];
  const sections = ['.ex_table', '.altinstructions', '.bug_frames.0', '.bug_frames.3'].map((name) => ({
    name,
    bytes,
  }));
  const scene = new HazardScene().code('f', ...BODY).payload('p', { text: { g: BODY }, sections });
  expect(findHazards(scene.subject())).toEqual([]);
});

test('names that hold escape sequences are shown, not sent', () => {
  const scene = new HazardScene()
    .code('f\x1b[2J', ...BODY)
    .payload('p', { text: { new_f: BODY }, records: [{ old: 'f\x1b[2J+5', new: 'new_f', oldSize: 5 }] });
  const [found] = findHazards(scene.subject());
  expect(found.message).toBe('f\\x1b[2J: old_addr leads to f\\x1b[2J+0x5, the middle of a function');
});
