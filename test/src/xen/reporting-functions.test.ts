/** The table of functions that report lines, and how a user adds to it. */
import { expect, test } from '@jest/globals';
import { parseReporter, thunkKind, XEN_REPORTERS } from '../../../src/xen/reporting-functions.js';

test('a reporter is read from text', () => {
  expect(parseReporter('my_log:line=3')).toEqual({ name: 'my_log', line: 3 });
  expect(parseReporter('log.constprop.0:format=12')).toEqual({ name: 'log.constprop.0', format: 12 });
});

test.each([
  '',
  'printk',
  'printk:',
  'printk:format',
  'printk:format=',
  'printk:format=0',
  'printk:format=-1',
  'printk:format=1.5',
  'printk:format=100',
  'printk:arg=1',
  ':line=1',
  '1st:line=1',
  'a b:line=1',
  'printk:line=1 ',
  'printk:line=1:format=2',
])('no reporter is read from %j', (text) => {
  expect(parseReporter(text)).toBeUndefined();
});

test('the table names each function once, with arguments that exist', () => {
  const names = XEN_REPORTERS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const reporter of XEN_REPORTERS) {
    const text = `${reporter.name}:${'line' in reporter ? `line=${reporter.line}` : `format=${reporter.format}`}`;
    expect(parseReporter(text)).toEqual(reporter);
  }
});

test('thunks are told from functions', () => {
  expect(thunkKind('__x86_return_thunk')).toBe('return');
  expect(thunkKind('__x86_indirect_thunk_rax')).toBe('indirect');
  expect(thunkKind('__x86_indirect_thunk')).toBe('indirect');
  for (const name of ['printk', '__x86_indirect_thunked', '']) expect(thunkKind(name)).toBeUndefined();
});
