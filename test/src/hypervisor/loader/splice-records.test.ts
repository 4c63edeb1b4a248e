/** What is refused of .xsplice.splices at upload: records of a good payload, broken in one field each. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { PROFILES } from '../../../../src/hypervisor/profiles.js';
import { Host } from '../../../../src/validate/host.js';
import { readXenImage } from '../../../../src/xen/image.js';
import type { XenImage } from '../../../../src/xen/image.js';
import {
  FIXUP_FIELDS,
  SPLICE_BYTES,
  SPLICE_SIZES,
  spliceSections,
} from '../../../../src/xen/splice-records.js';
import { mustRead } from '../../../support/elf-builder.js';
import { goldenCase, imageOfCase, runCase } from '../../../support/golden-cases.js';

const NAMES = spliceSections('.xsplice');
let good: Uint8Array;
let image: XenImage;

beforeAll(async () => {
  const which = goldenCase('splice-callers');
  good = (await runCase(which, 1)).payload?.bytes ?? new Uint8Array();
  const path = imageOfCase(which);
  const read = readXenImage(path, readFileSync(path), (found) => {
    throw new Error(found.message);
  });
  if (read === undefined) throw new Error('no image');
  image = read;
});

/** Writes a number into a section of a copy, and uploads that. */
function broken(section: string, at: number, width: 1 | 4, value: number): { rc: number; why: string } {
  const bytes = Uint8Array.from(good);
  const start = mustRead(bytes).sections.find(({ name }) => name === section)?.sh_offset ?? 0;
  const view = new DataView(bytes.buffer);
  if (width === 1) view.setUint8(start + at, value);
  else view.setUint32(start + at, value, true);
  const host = new Host(image, { profile: PROFILES['xsplice-v1'], cpus: 1 });
  host.upload('p', bytes);
  const { rc, why = '' } = host.steps.at(-1) ?? { rc: 1 };
  return { rc, why };
}

const record = (k: number, field: keyof typeof SPLICE_SIZES): number =>
  k * SPLICE_BYTES + SPLICE_SIZES[field];

describe('a record', () => {
  // Records 0 to 2 are branches, 3 and 4 pointers.
  test.each<[string, number, keyof typeof SPLICE_SIZES, 1 | 4, number, number, RegExp]>([
    ['of another version', 1, 'version', 1, 2, -95, /Wrong version of splice 1 \(2\)/],
    ['of no kind', 0, 'kind', 1, 9, -22, /no such kind/],
    ['of no bytes', 0, 'length', 4, 0, -22, /it has 0 bytes/],
    ['of too many', 0, 'length', 4, 0x10001, -22, /65537 bytes/],
    ['of a branch without room', 0, 'length', 4, 4, -22, /branch of 4 bytes has no room/],
    ['of a long pointer', 3, 'length', 4, 16, -22, /a pointer has 8 bytes/],
    ['of another page', 2, 'permissions', 1, 4, -22, /has other permissions/],
    ['beyond its holder', 0, 'holderSize', 4, 5, -22, /not in its holder/],
    ['with fixups without end', 0, 'fixupCount', 4, 0xffff, -22, /65535 fixups/],
    ['over the next one', 0, 'length', 4, 12, -22, /Two splices change the same bytes/],
  ])('%s', (_what, k, field, width, value, rc, why) => {
    expect(broken(NAMES.splices, record(k, field), width, value)).toEqual({
      rc,
      why: expect.stringMatching(why),
    });
  });

  test('is taken as it was made', () => {
    expect(broken(NAMES.splices, record(0, 'version'), 1, 1)).toEqual({ rc: 0, why: '' });
  });
});

describe('a fixup', () => {
  test.each<[string, number, number, number, RegExp]>([
    ['of another type', FIXUP_FIELDS.type, 10, -95, /unhandled fixup 10/],
    ['past the end', FIXUP_FIELDS.into, 2, -22, /fixup at 2 is past its end/],
    ['of eight bytes where four are', FIXUP_FIELDS.type, 1, -22, /fixup at 1 is past its end/],
  ])('%s', (_what, at, value, rc, why) => {
    expect(broken(NAMES.fixups, at, 4, value)).toEqual({ rc, why: expect.stringMatching(why) });
  });
});

test('a release of Xen takes the section for data', async () => {
  const which = goldenCase('splice-nops');
  const nops = (await runCase(which, 1)).payload;
  expect(mustRead(nops?.bytes ?? new Uint8Array()).sections.map(({ name }) => name)).not.toContain(
    NAMES.splices,
  );
  const host = new Host(image, { profile: PROFILES['4.7'], cpus: 1 });
  expect(host.upload('p', good)).toBe(false);
  expect(host.steps.at(-1)?.why).toMatch('.livepatch.funcs is missing');
});
