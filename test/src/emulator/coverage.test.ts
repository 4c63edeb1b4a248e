/** Every form of instruction that a hypervisor is made of is in the operation table, or the device executes it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DEVICE_MNEMONICS } from '../../../src/emulator/ops/system.js';
import { OPERATIONS, operationOf } from '../../../src/emulator/ops/table.js';
import { GOLDEN } from '../../support/golden.js';

const forms = readFileSync(join(GOLDEN, 'insn/xen-forms.txt'), 'utf8')
  .trimEnd()
  .split('\n')
  .filter((line) => !line.startsWith(';'))
  .map((line) => {
    const [mnemonic, form] = line.split(' ');
    return { mnemonic, form };
  });

/** In no code that runs: data between functions, and the jump out of a mode that is not modelled. */
const NOT_REACHED = ['Jmp_m1632'];

/** Occur in Xen and do nothing here, but what the device makes of them: see Device.execute. */
const LEFT_TO_THE_DEVICE = [
  'Clgi Crc32 Enqcmds Femms Ffree Fild Fldcw Fldenv Fnclex Fninit Fnsave Fnstcw Fnstenv',
  'Fnstsw Frstor Fxrstor Fxrstor64 Fxsave Fxsave64 Incsspd Incsspq Int Invept Invlpga Invvpid',
  'Ldmxcsr Lsl Monitor Movdir64b Movdiri Mwait Outsb Rdpkru Rdrand Rdseed Retf Setssbsy Stgi',
  'Stmxcsr Sysret Sysretq Verw Vmclear Vmlaunch Vmload Vmptrld Vmread Vmresume Vmrun Vmsave',
  'Vmwrite Vmxoff Vmxon Wrpkru Wrssq Xabort Xbegin Xrstor Xrstor64 Xsave Xsave64 Xsavec',
].flatMap((line) => line.split(' '));

test('covers all forms that occur in Xen', () => {
  const missing = forms.filter((one) => operationOf(one) === undefined).map(({ form }) => form);
  expect(missing).toEqual(NOT_REACHED);
});

test('names what is left to the device', () => {
  const left = forms.map(({ mnemonic }) => mnemonic).filter((mnemonic) => DEVICE_MNEMONICS.has(mnemonic));
  expect([...new Set(left)]).toEqual(LEFT_TO_THE_DEVICE);
});

test('has no two operations of one name that are proved', () => {
  const names = OPERATIONS.filter(({ notOnHost }) => notOnHost === undefined).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
