/** Stacks that can be applied, and those that cannot, by what their notes say. */
import { expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { STT_FUNC, STT_OBJECT } from '../../../src/elf/constants.js';
import { checkFixesKept, checkStackOrder } from '../../../src/xen/stack-order.js';
import type { StackedPayload } from '../../../src/xen/stack.js';
import { tinyImage } from '../../support/tiny-xen.js';

const IMAGE = tinyImage();
const buildIdOf = (byte: number): Uint8Array => new Uint8Array(20).fill(byte);

function payload(
  byte: number,
  depends: Uint8Array | undefined,
  more: Partial<StackedPayload> = {},
): StackedPayload {
  return {
    name: `${String(byte)}.xsplice`,
    buildId: buildIdOf(byte),
    depends,
    xenDepends: IMAGE.buildId,
    symbols: new Map(),
    spliced: new Map(),
    ...more,
  };
}

function check(stack: readonly StackedPayload[], depends?: Uint8Array) {
  const found: Diagnostic[] = [];
  const expectation = { image: IMAGE, hypervisor: IMAGE.buildId, ...(depends && { depends }) };
  const fits = checkStackOrder(stack, expectation, (d) => found.push(d));
  expect(fits).toBe(found.length === 0);
  return found;
}

test('a chain from the hypervisor on fits, and so do payloads without notes', () => {
  const chain = [payload(1, IMAGE.buildId), payload(2, buildIdOf(1)), payload(3, buildIdOf(2))];
  expect(check(chain)).toEqual([]);
  expect(check(chain, buildIdOf(3))).toEqual([]);
  expect(check([payload(1, undefined, { xenDepends: undefined }), payload(2, buildIdOf(1))])).toEqual([]);
  expect(check([])).toEqual([]);
});

test('XS420: a payload of another hypervisor', () => {
  const found = check([payload(1, buildIdOf(9), { xenDepends: buildIdOf(9) })]);
  expect(found.map(({ code }) => code)).toEqual(['XS420']);
  expect(found[0]?.message).toContain('is for the hypervisor 0909');
});

test('XS421: another order, a gap, a twin, a contradiction', () => {
  const [a, b, c] = [payload(1, IMAGE.buildId), payload(2, buildIdOf(1)), payload(3, buildIdOf(2))];
  const turned = check([b, a, c]);
  expect(turned.map(({ code, hint }) => [code, hint])).toEqual([
    ['XS421', 'give them in this order: 1.xsplice, 2.xsplice, 3.xsplice'],
  ]);
  expect(check([a, c])[0]).toMatchObject({
    code: 'XS421',
    message: expect.stringContaining(`3.xsplice goes on top of ${'02'.repeat(20)}, which is not there`),
    hint: 'give every payload of the stack with --on-top-of, oldest first, each once',
  });
  expect(check([a, { ...a, name: 'copy.xsplice' }])[0]?.message).toBe(
    'copy.xsplice is the payload 1.xsplice again: it can be applied once',
  );
  expect(check([a, b], buildIdOf(1))[0]?.message).toContain('is to depend on 1.xsplice');
  // Payloads that take the place of others go on top of the hypervisor, so two of them are no stack.
  expect(check([a, payload(2, IMAGE.buildId)])).toHaveLength(1);
  // A circle that never begins at the hypervisor.
  expect(check([payload(1, buildIdOf(2)), payload(2, buildIdOf(1))])).toHaveLength(1);
});

test('XS422: functions that would be unpatched again', () => {
  const symbols = (entries: readonly (readonly [string, number])[]): StackedPayload['symbols'] =>
    new Map(entries.map(([name, type]) => [name, { name, type, size: 8, head: new Uint8Array() }]));
  const known = IMAGE.symbols.filter(({ type }) => type === STT_FUNC).map(({ name }) => name);
  const [kept = '', gone = ''] = known;
  expect(gone).not.toBe('');
  const below = payload(1, IMAGE.buildId, {
    symbols: symbols([
      [kept, STT_FUNC],
      [gone, STT_FUNC],
      ['brand_new', STT_FUNC],
      [`${gone}~12345678`, STT_FUNC],
      ['data', STT_OBJECT],
    ]),
  });
  const found: Diagnostic[] = [];
  checkFixesKept([below], IMAGE, new Set([kept]), (d) => found.push(d));
  expect(found.map(({ code, notes }) => [code, notes])).toEqual([['XS422', [gone]]]);
  checkFixesKept([below], IMAGE, new Set([kept, gone]), (d) => found.push(d));
  expect(found).toHaveLength(1);
});
