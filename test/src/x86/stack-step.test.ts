/** How far single instructions move the stack pointer. */
import { expect, test } from '@jest/globals';
import { stackStep } from '../../../src/x86/stack-step.js';

test.each([
  ['push %rbx', '53', -8],
  ['pop %rbx', '5b', 8],
  ['sub $0x10,%rsp', '48 83 ec 10', -16],
  ['sub $0x1000,%rsp', '48 81 ec 00 10 00 00', -4096],
  ['add $-128,%rsp', '48 83 c4 80', -128],
  ['add $0x88,%rsp', '48 81 c4 88 00 00 00', 136],
  ['lea 8(%rsp),%rsp', '48 8d 64 24 08', 8],
  ['lea 0x100(%rsp),%rsp', '48 8d a4 24 00 01 00 00', 256],
  ['call', 'e8 00 00 00 00', 0],
  ['call *%rax', 'ff d0', 0],
  ['mov %rsp,%rbp', '48 89 e5', 0],
  ['sub $0x10,%rax', '48 83 e8 10', 0],
  ['mov %rbp,%rsp', '48 89 ec', undefined],
  ['and $-16,%rsp', '48 83 e4 f0', undefined],
  ['sub %rax,%rsp', '48 29 c4', undefined],
  ['leave', 'c9', undefined],
])('%s', (_text, bytes, moved) => {
  expect(stackStep(Buffer.from(bytes.replaceAll(' ', ''), 'hex'))).toBe(moved);
});
