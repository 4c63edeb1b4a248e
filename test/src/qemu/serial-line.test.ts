/** One line for two writers: whatever the chunks, Xen's lines and dom0's come apart whole. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { serialLine } from '../../../src/qemu/serial-line.js';

const TORN =
  '@@7{\r\n App(XEN) livepatch: hello: Applying\r\nlying hello...(XEN) rc=0\r\n completed\r\n@@7}0\r\n';

test('a line of dom0 that Xen interrupts is put together again', () => {
  const line = serialLine();
  line.feed(TORN);
  expect(line.xen).toEqual(['livepatch: hello: Applying', 'rc=0']);
  expect(line.dom0).toEqual(['@@7{', ' Applying hello... completed', '@@7}0']);
  expect(line.all.map(({ from }) => from)).toEqual(['dom0', 'xen', 'xen', 'dom0', 'dom0']);
});

test('how the text is cut into chunks makes no difference', () => {
  const whole = serialLine();
  whole.feed(TORN);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 })), (lengths) => {
      const pieces = serialLine();
      let at = 0;
      for (const length of lengths) {
        pieces.feed(TORN.slice(at, at + length));
        at += length;
      }
      pieces.feed(TORN.slice(at));
      expect({ xen: pieces.xen, dom0: pieces.dom0 }).toEqual({ xen: whole.xen, dom0: whole.dom0 });
    }),
  );
});

test('an unfinished line of dom0 can be seen, one of Xen is waited for', () => {
  const line = serialLine();
  line.feed('/ # (XEN) half');
  expect(line.unfinished()).toBe('/ # ');
  expect(line.xen).toEqual([]);
  line.feed(' a line\n(XE');
  expect(line.xen).toEqual(['half a line']);
  line.feed('X');
  expect(line.unfinished()).toBe('/ # (XEX');
});

describe('death', () => {
  test.each([
    '(XEN) Panic on CPU 1:\r\n',
    '(XEN) *** DOUBLE FAULT ***\r\n',
    '(XEN) Hardware Dom0 crashed: rebooting machine in 5 seconds.\r\n',
    '[    1.0] Kernel panic - not syncing: Attempted to kill init!\r\n',
  ])('%j is one', (text) => {
    const line = serialLine();
    line.feed(`(XEN) all is well\n${text}(XEN) Panic on CPU 0:\n`);
    expect(line.death()).toBe(text.trim().replace('(XEN) ', ''));
  });

  test('a warning is none', () => {
    const line = serialLine();
    line.feed('(XEN) Xen WARN at arch/x86/nmi.c:584\r\npanic=1\r\n');
    expect(line.death()).toBeUndefined();
  });
});
