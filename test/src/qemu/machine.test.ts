/**
 * The host's side of the serial line, against a stand-in for QEMU: a script that answers as /init and Xen do,
 * only without a hypervisor. What only the real one can show is shown by `make xen-test`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HostDied } from '../../../src/qemu/host.js';
import { boot } from '../../../src/qemu/machine.js';
import type { Machine } from '../../../src/qemu/machine.js';

/** BOOT is what a boot prints. Answers commands with their own text, torn apart by a line of Xen. */
const STAND_IN = `#!${process.execPath}
let input_to = 'dom0', control_a = 0, line = '';
const write = (text) => process.stdout.write(text.replaceAll('\\n', '\\r\\n'));
const xen = (text) => write('(XEN) ' + text + '\\n');
function command(request) {
  const [number, ...words] = request.split(' ');
  if (words[0] === 'die') return setInterval(() => xen('*** DOUBLE FAULT ***'), 1);
  if (words[0] === 'sleep') return;
  if (words[0] === 'exit') return process.exit(3);
  write('\\n@@' + number + '{\\n' + words[0].slice(0, 2));
  xen('saw a command');
  write(words[0].slice(2) + ' done\\n\\n@@' + number + '}' + (words[1] ?? 0) + '\\n');
}
function character(c) {
  if (c === '\\x01') {
    if (++control_a < 3) return;
    control_a = 0;
    input_to = input_to === 'Xen' ? 'DOM0' : 'Xen';
    return xen('*** Serial input to ' + input_to + " (type 'CTRL-a' three times to switch input)");
  }
  if (input_to === 'Xen') return setTimeout(() => { xen("'" + c + "' pressed"); setTimeout(() => xen('and more'), 50); }, 50);
  if (c !== '\\n') return void (line += c);
  command(line);
  line = '';
}
process.stdin.on('data', (chunk) => [...chunk.toString('latin1')].forEach(character));
write(BOOT);
`;

const BOOTED = '(XEN) Xen version 4.17\nLinux version 6.1\n\n@@ready\n';
let directory = '';
let machine: Machine | undefined;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'machine-'));
});
afterEach(async () => {
  await machine?.powerOff();
  machine = undefined;
  rmSync(directory, { recursive: true });
});

async function start(boot_text: string): Promise<Machine> {
  const emulator = path.join(directory, 'emulator');
  writeFileSync(emulator, STAND_IN.replace('BOOT', JSON.stringify(boot_text)), { mode: 0o755 });
  const console_log = path.join(directory, 'console.log');
  const files = { xen: 'xen', vmlinuz: 'vmlinuz', initrd: 'initrd' };
  machine = await boot({ ...files, console_log, emulator, patience: 500 });
  return machine;
}

test('commands are answered with their output, exit code and Xen’s lines', async () => {
  const host = await start(BOOTED);
  expect(await host.command('hello 0')).toEqual({
    exit_code: 0,
    output: ['hello done'],
    console: ['saw a command'],
    lines: [
      { from: 'dom0', text: '' },
      { from: 'dom0', text: '@@1{' },
      { from: 'xen', text: 'saw a command' },
      { from: 'dom0', text: 'hello done' },
      { from: 'dom0', text: '' },
      { from: 'dom0', text: '@@1}0' },
    ],
  });
  expect(await host.command('world 22')).toMatchObject({
    exit_code: 22,
    output: ['world done'],
    console: ['saw a command'],
  });
  expect(readFileSync(path.join(directory, 'console.log'), 'latin1')).toContain(
    'wo(XEN) saw a command\r\nrld done',
  );
});

test('a debug key is waited for, and the input goes back to dom0', async () => {
  const host = await start(BOOTED);
  expect(await host.pressKey('h', (lines) => lines.includes("'h' pressed"))).toEqual([
    "'h' pressed",
    'and more',
  ]);
  expect((await host.command('hello')).output).toEqual(['hello done']);
});

test('a command that does not fit into Xen’s ring is not sent', async () => {
  const host = await start(BOOTED);
  await expect(host.command('x'.repeat(128))).rejects.toThrow('longer than Xen');
});

describe('the host is dead', () => {
  test('when Xen says so, even if it never stops saying it', async () => {
    const host = await start(BOOTED);
    const death = await host.command('die').catch((failure: unknown) => failure);
    expect(death).toBeInstanceOf(HostDied);
    expect(String(death)).toContain('the host died: *** DOUBLE FAULT ***\n    (XEN) ');
    expect(death).toHaveProperty('lines.0', { from: 'xen', text: '*** DOUBLE FAULT ***' });
  });

  test('or silent, when there is no answer in time: it is said whether Xen still answers', async () => {
    const host = await start(BOOTED);
    const death = await host.command('sleep').catch((failure: unknown) => failure);
    expect(death).toHaveProperty('isSilent', true);
    expect(String(death)).toContain(
      'the host hangs: waited 0.5 s for the end of: sleep\n    Xen answers when',
    );
    const other = await host.command('die').catch((failure: unknown) => failure);
    expect(other).toHaveProperty('isSilent', false);
  });

  test('when QEMU ends', async () => {
    const host = await start(BOOTED);
    await expect(host.command('exit')).rejects.toThrow('the host died: QEMU ended (exit code 3)');
  });

  test('when Xen panics while it boots', async () => {
    await expect(start('(XEN) Panic on CPU 0:\n(XEN) Could not set up DOM0 guest OS\n')).rejects.toThrow(
      'Panic on CPU 0',
    );
  });

  test('when dom0 cannot do its part', async () => {
    await expect(start('@@failed to load xenfs.ko\n@@ready\n')).rejects.toThrow('cannot load xenfs.ko');
  });
});
