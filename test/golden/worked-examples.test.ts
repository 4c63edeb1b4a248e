/**
 * The two worked examples of the design, at its addresses and with its bytes: XSA-132, whose function is called once and
 * has another right behind it, and XSA-125, whose function is reached through three tables only.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { link, plan } from '../../src/index.js';
import type { LinkResult, SpliceWish } from '../../src/index.js';
import { renderPlan } from '../../src/report/plan.js';
import { readXenImage } from '../../src/xen/image.js';
import { bytesAt, linkedImage, placeOf } from '../../src/xen/linked-image.js';
import { expectGolden, GOLDEN } from '../support/golden.js';
import { dumpPayload, goldenCase, imageOfCase } from '../support/golden-cases.js';

const folder = mkdtempSync(join(tmpdir(), 'worked-'));
afterAll(() => rmSync(folder, { recursive: true }));

const EXAMPLES = ['xsa-132', 'xsa-125'] as const;

function standsAt(address: bigint, length: number): string {
  const path = imageOfCase(goldenCase('worked-xsa-132'));
  const image = readXenImage(path, readFileSync(path), () => undefined);
  if (image === undefined) throw new Error('the image cannot be read');
  const linked = linkedImage(image);
  const bytes = bytesAt(linked, placeOf(linked.origin, address), length);
  return Buffer.from(bytes ?? new Uint8Array()).toString('hex');
}

test.each([
  ['the call in do_domctl', 0xffff82d080104a69n, 'e84bb10500'],
  ['the instructions of arch_do_domctl that move', 0xffff82d08015fbc2n, '4889e048250080ffff'],
  ['do_xen_version', 0xffff82d080112f9en, '48c7c0daffffff83ff090f8724050000'],
  ['its slot in hypercall_table', 0xffff82d08024b2f8n, '9e2f1180d082ffff'],
  ['the slot of do_domctl in compat_hypercall_table', 0xffff82d08024d490n, '79301080d082ffff'],
])('%s is that of the design', (_what, address, bytes) => {
  expect(standsAt(address, bytes.length / 2)).toBe(bytes);
});

describe.each(EXAMPLES)('%s', (name) => {
  const which = goldenCase(`worked-${name}`);
  const image = imageOfCase(which);
  const scenario = join(GOLDEN, 'worked', `${name}.json`);

  const built = async (way: SpliceWish['way'], abi: 'livepatch-v2' | 'xsplice-v1'): Promise<LinkResult> =>
    await link({ pairs: which.pairs, image, abi, splice: [{ way }], proof: { scenarios: [scenario] } });

  /** Uploaded, applied, reverted with memory as it was, and what its calls answer meanwhile. */
  const PROVEN = { accepts: 'passed', applies: 'passed', hazards: 'passed', runs: 'passed' };

  test('is planned', async () => {
    const { payload } = await built('trampoline', 'livepatch-v2');
    const path = join(folder, `${name}.xsplice`);
    writeFileSync(path, payload?.bytes ?? new Uint8Array());
    const made = await plan({ image, payloads: [path] });
    if (made.plan === undefined) throw new Error('there is no plan');
    expectGolden(`worked/${name}-plan.txt`, renderPlan(made.plan, { color: false, verbose: true }));
  });

  test.each([
    ['trampoline', 'livepatch-v2'],
    ['trampoline', 'xsplice-v1'],
    ['callers', 'xsplice-v1'],
    ...(name === 'xsa-125' ? ([['in-place', 'xsplice-v1']] as const) : []),
  ] as const)('%s, as %s: before, applied, reverted', async (way, abi) => {
    const { payload, validation, diagnostics } = await built(way, abi);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(validation?.levels).toEqual(PROVEN);
    if (payload === undefined) throw new Error('there is no payload');
    expect(payload.resolved.replaced.length).toBe(1);
    if (abi === 'xsplice-v1') expectGolden(`worked/${name}-${way}.txt`, dumpPayload(payload.bytes));
  });
});

test('XSA-132 does not fit in place, and the refusal says by how much', async () => {
  const which = goldenCase('worked-xsa-132');
  const { payload, diagnostics } = await link({
    pairs: which.pairs,
    image: imageOfCase(which),
    abi: 'xsplice-v1',
    splice: [{ function: 'arch_do_domctl', way: 'in-place' }],
  });
  expect(payload).toBeUndefined();
  expect(diagnostics.map(({ code, notes }) => [code, notes[0]])).toEqual([
    ['XS440', 'the new code has 24 bytes too many: 106 for 82'],
  ]);
});

test('no loader of a release changes callers', async () => {
  const which = goldenCase('worked-xsa-125');
  const { diagnostics } = await link({
    pairs: which.pairs,
    image: imageOfCase(which),
    splice: [{ way: 'callers' }],
  });
  expect(diagnostics.map(({ code }) => code)).toEqual(['XS441']);
});
