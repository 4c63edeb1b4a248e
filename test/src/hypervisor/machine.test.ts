/** The emulated machine under a hypervisor: the tiny one of golden/machine, one function for each thing it models. */
import { describe, expect, test } from '@jest/globals';
import { Permission } from '../../../src/emulator/page.js';
import { sectionBytes } from '../../../src/elf/read.js';
import { HostDied } from '../../../src/hypervisor/host-died.js';
import { cpuInfoLayout } from '../../../src/hypervisor/machine/cpu-info.js';
import { readU32, textAt } from '../../../src/hypervisor/guest-memory.js';
import type { XenMachine } from '../../../src/hypervisor/machine/machine.js';
import { callByName, tinyImage, tinyXen } from '../../support/tiny-xen.js';

const int = (rax: bigint): number => Number(BigInt.asIntN(32, rax));

/** Why a call kills the host. */
function death(machine: XenMachine, name: string, ...args: readonly bigint[]): string {
  try {
    callByName(machine, name, ...args);
  } catch (thrown) {
    if (thrown instanceof HostDied) return thrown.reason;
    throw thrown;
  }
  throw new Error(`${name} returned`);
}

describe('the image in memory', () => {
  test('text can be executed and not written, constants only read, data written', () => {
    const machine = tinyXen();
    const may = (name: string): number | undefined =>
      machine.memory.permissionsAt(machine.symbols.local(name));
    expect(may('printk')).toBe(Permission.read | Permission.execute);
    expect(may('__start_bug_frames')).toBe(Permission.read);
    expect(may('written')).toBe(Permission.read | Permission.write);
  });

  test('init memory is gone when the hypervisor is up', () => {
    expect(death(tinyXen(), 'calls_init')).toMatch(/^page fault at ffff82d04020.000 .* in only_at_boot$/);
  });

  test('alternatives are those of the chosen processor', () => {
    expect(int(callByName(tinyXen(), 'chosen'))).toBe(1);
    expect(int(callByName(tinyXen({ features: [70] }), 'chosen'))).toBe(2);
  });

  test('a call through a pointer follows the pointer', () => {
    expect(int(callByName(tinyXen(), 'through_pointer'))).toBe(5);
  });

  test('code finds its features where alternatives found theirs', () => {
    const machine = tinyXen({ features: [70] });
    const word = machine.lookup('boot_cpu_data') + 12n + 8n;
    expect(readU32(machine.memory, word, 'a test')).toBe((1 << 6) | (1 << 29));
  });
});

describe('CPUs', () => {
  test('the layout of struct cpu_info is read off the code', () => {
    const { file } = tinyImage();
    const text = file.sections.find(({ name }) => name === '.text');
    if (text === undefined) throw new Error('no text');
    expect(cpuInfoLayout(sectionBytes(file, text))).toEqual({
      processorId: 0x30n,
      currentVcpu: 0x28n,
      perCpuOffset: 0x20n,
      total: 0xf8n,
    });
    expect(cpuInfoLayout(sectionBytes(file, text).subarray(0, 0x40))).toBeUndefined();
  });

  test('each has its number, its per-CPU data and its vCPU', () => {
    const machine = tinyXen({ cpus: 3 });
    const on = (cpu: number, name: string): bigint =>
      machine.callWith(machine.lookup(name), [], { cpu: machine.cpus[cpu] });
    expect([0, 1, 2].map((cpu) => int(on(cpu, 'smp_processor_id')))).toEqual([0, 1, 2]);
    expect([on(0, 'count_here'), on(1, 'count_here'), on(1, 'count_here'), on(2, 'count_here')]).toEqual([
      1n,
      1n,
      2n,
      1n,
    ]);
    expect(on(0, 'current_0')).not.toBe(on(1, 'current_0'));
    expect(machine.memory.permissionsAt(on(1, 'current_0'))).toBe(Permission.read | Permission.write);
  });

  test('arguments go into registers and onto the stack', () => {
    expect(callByName(tinyXen(), 'seventh', 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n)).toBe(78n);
  });

  test('interrupts are on unless the caller says otherwise', () => {
    const machine = tinyXen();
    const flags = (interruptsOn: boolean): bigint =>
      machine.callWith(machine.lookup('flags'), [], { interruptsOn });
    expect(flags(true) & 0x200n).toBe(0x200n);
    expect(flags(false) & 0x200n).toBe(0n);
  });
});

describe('what the hypervisor prints', () => {
  test('is formatted by its own vsnprintf, from registers and from the stack', () => {
    const machine = tinyXen();
    const who = machine.scratch(16);
    machine.memory.write(who, Buffer.from('you\0'));
    expect(int(callByName(machine, 'greets', who, -3n))).toBe(-3);
    expect(machine.console.lines).toEqual(['hello you, -3 -2 -1 0 1 2']);
    expect(machine.memory.read(machine.symbols.local('written'), 1)[0]).toBe(0);
  });

  test('runs through a printk that was replaced, and is caught at the console', () => {
    const machine = tinyXen();
    const printk = machine.lookup('printk');
    // movabs $text,%rdi; movabs $__putstr,%rax; jmp *%rax
    const target = machine.lookup('__putstr');
    const code = [0x48, 0xbf, 0, 0, 0, 0, 0, 0, 0, 0, 0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0];
    const view = new DataView(Uint8Array.from(code).buffer);
    const text = machine.scratch(32);
    machine.memory.write(text, Buffer.from('(XEN) patched\n\0'));
    view.setBigUint64(2, text, true);
    view.setBigUint64(12, target, true);
    machine.memory.write(printk, new Uint8Array(view.buffer));
    callByName(machine, 'greets', text, 0n);
    expect(machine.console.lines).toEqual(['patched']);
  });

  test('is read to the end of its page and no further', () => {
    const machine = tinyXen();
    const page = machine.allocatePages(1) ?? 0n;
    machine.memory.write(page + 4090n, Buffer.from('abcdef'));
    expect(textAt(machine.memory, page + 4090n)).toBeUndefined();
    expect(textAt(machine.memory, page + 4090n, 6)).toBe('abcdef');
  });
});

describe('exceptions', () => {
  test('WARN prints and goes on', () => {
    const machine = tinyXen();
    expect(int(callByName(machine, 'warns', 4n))).toBe(5);
    expect(machine.console.lines).toEqual(['Xen WARN at common/tiny.c:1234']);
    expect(machine.takeFacts()).toMatchObject({ warnings: 1, fixups: 0 });
  });

  test('BUG ends the host with its file and line, long names cut', () => {
    const machine = tinyXen();
    const place = '.../longer/than/fifty/characters/altogether/tiny.c:77';
    expect(death(machine, 'bugs')).toBe(`Xen BUG at ${place}, in bugs`);
    expect(machine.console.lines).toContain('Panic on CPU 0:');
  });

  test('a failed assertion tells its text', () => {
    expect(death(tinyXen(), 'asserts')).toBe(
      "Assertion 'count > 0' failed at common/tiny.c:4321, in asserts",
    );
  });

  test('run_in_exception_handler gets the registers of the trap', () => {
    const machine = tinyXen();
    const rip = callByName(machine, 'run_note');
    expect(machine.describe(rip)).toBe('run_note');
  });

  test('a fault that is expected goes on at its fixup, in a table that boot has sorted', () => {
    const machine = tinyXen();
    const into = machine.scratch(8);
    expect(int(callByName(machine, 'careful_load', into, into))).toBe(0);
    expect(int(callByName(machine, 'careful_load', 0x10n, into))).toBe(-14);
    expect(machine.takeFacts().fixups).toBe(1);
  });

  test('one that is not expected ends the host', () => {
    const machine = tinyXen();
    expect(death(machine, 'careless_load', 0x10n)).toBe(
      'page fault at 0000000000000010 (error code 0000), in careless_load',
    );
    expect(machine.console.lines).toEqual([
      '',
      '*'.repeat(40),
      'Panic on CPU 0:',
      'FATAL PAGE FAULT',
      '[error_code=0000]',
      'Faulting linear address: 0000000000000010',
      '*'.repeat(40),
      '',
      'Reboot in five seconds...',
    ]);
  });

  test.each([
    ['gives_up', 'panic: given up at 3'],
    ['halts', 'the CPU halts in halts+0x1'],
    ['spins', 'no return within the limit of instructions; the CPU is in spins'],
  ])('%s ends the host', (name, reason) => {
    const machine = tinyXen();
    const limited = (): bigint => machine.callWith(machine.lookup(name), [3n], { budget: 1000 });
    expect(limited).toThrow(reason);
  });
});

test('what ran is known afterwards', () => {
  const machine = tinyXen();
  const start = machine.lookup('warns');
  const range = { start, end: start + 64n };
  expect(machine.executed(range)).toEqual([]);
  callByName(machine, 'warns', 1n);
  expect(machine.executed(range)[0].start).toBe(start);
});
