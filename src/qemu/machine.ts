/**
 * A booted Xen host, driven over its serial line: shell commands in dom0, Xen's debug keys, and what both
 * answer. QEMU interprets every instruction (TCG), so no KVM is needed and nothing depends on the host's CPU.
 *
 * How the line is shared:
 * - serial-line.ts tells Xen's lines from dom0's;
 * - commands are framed as described in initrd.ts, so a step's output and exit code are exact, and all that
 *   Xen printed since the step before belongs to this one;
 * - three times ctrl-A switches the input between dom0 and Xen; a key pressed while Xen has it is a debug key.
 *   Handlers run some time later (in a tasklet) and do not say when they are done: we wait for the text that
 *   is expected, then until the line has been quiet for a while.
 *
 * The hypervisor is expected to die now and then, that is what the tests are for. HostDied tells how.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { MachineError } from './command.js';
import { serialLine } from './serial-line.js';
import type { ConsoleLine, SerialLine } from './serial-line.js';

/** The hypervisor or dom0 crashed, hung or was ended. The message ends with the last lines of the console. */
export class HostDied extends MachineError {
  override name = 'HostDied';
  /** What came over the line since the command began that the host died of. */
  lines: readonly ConsoleLine[] = [];
}

export interface BootOptions {
  readonly xen: string;
  readonly vmlinuz: string;
  readonly initrd: string;
  /** Everything that came over the serial line is written here. */
  readonly console_log: string;
  /** The emulator; `qemu-system-x86_64` unless given. */
  readonly emulator?: string;
}

export interface CommandOutcome {
  readonly exit_code: number;
  readonly output: readonly string[];
  /** Xen's lines since the step before. */
  readonly console: readonly string[];
  /** All lines of both since the command began, for commands that write to dom0's console themselves. */
  readonly lines: readonly ConsoleLine[];
}

export interface Machine {
  /** Runs a shell command in dom0. The line goes through a ring of 128 bytes in Xen and must fit. */
  readonly command: (line: string) => Promise<CommandOutcome>;
  /** Presses a debug key and returns Xen's lines; waits (up to 20 s) until `enough` of them are there. */
  readonly pressKey: (
    key: string,
    enough: (lines: readonly string[]) => boolean,
  ) => Promise<readonly string[]>;
  /** Ends the emulator. A machine that is already dead is no error. */
  readonly powerOff: () => Promise<void>;
}

/** Milliseconds. Sized for an emulator on two busy cores, about ten times what an idle machine needs. */
const DEADLINE = {
  boot: 240_000,
  command: 120_000,
  switch: 30_000,
  key: 20_000,
  quiet: 500,
  last_words: 2_000,
};
const LONGEST_COMMAND = 120;
const CONTROL_A = '\x01';

/** Boots and returns when dom0 takes commands (about 10 s). */
export async function boot(options: BootOptions): Promise<Machine> {
  const host = startQemu(options);
  try {
    await host.until(
      'dom0 to be ready',
      DEADLINE.boot,
      () => host.lines.dom0.includes('@@ready') || undefined,
    );
    const failed = host.lines.dom0.find((line) => line.startsWith(SETUP_FAILED));
    if (failed !== undefined)
      throw host.died(`dom0 is not usable: cannot ${failed.slice(SETUP_FAILED.length)}`);
  } catch (failure) {
    await host.end();
    throw failure;
  }
  return drive(host);
}

const SETUP_FAILED = '@@failed to ';

function drive(host: Host): Machine {
  let number = 0;
  let console_read = host.lines.xen.length;
  const newConsoleLines = (): readonly string[] => {
    const lines = host.lines.xen.slice(console_read).filter((line) => !SWITCHED.test(line));
    console_read = host.lines.xen.length;
    return lines;
  };

  const command = async (line: string): Promise<CommandOutcome> => {
    number += 1;
    const request = `${String(number)} ${line}\n`;
    if (request.length > LONGEST_COMMAND)
      throw new MachineError(`command is longer than Xen's console ring: ${line}`);
    const from = host.lines.dom0.length;
    const all_from = host.lines.all.length;
    host.send(request);
    const end = new RegExp(`^@@${String(number)}\\}(\\d+)$`);
    const end_at = await lineOfDom0(host, from, end, `the end of: ${line}`).catch((failure: unknown) => {
      if (failure instanceof HostDied) failure.lines = host.lines.all.slice(all_from);
      throw failure;
    });
    const start_at = host.lines.dom0.indexOf(`@@${String(number)}{`, from);
    const output = host.lines.dom0.slice(start_at + 1, end_at).filter((text) => text !== '');
    return {
      exit_code: Number(end.exec(host.lines.dom0[end_at] ?? '')?.[1]),
      output,
      console: newConsoleLines(),
      lines: host.lines.all.slice(all_from),
    };
  };

  const switchInput = async (to: string): Promise<void> => {
    const from = host.lines.xen.length;
    host.send(CONTROL_A.repeat(3));
    await host.until(`the serial input to switch to ${to}`, DEADLINE.switch, () => {
      const line = host.lines.xen.slice(from).find((text) => SWITCHED.test(text));
      return line?.includes(`input to ${to}`) === true ? true : undefined;
    });
  };

  const pressKey: Machine['pressKey'] = async (key, enough) => {
    await switchInput('Xen');
    newConsoleLines();
    const from = host.lines.xen.length;
    host.send(key);
    const deadline = Date.now() + DEADLINE.key;
    while (!enough(host.lines.xen.slice(from)) && Date.now() < deadline) {
      host.checkAlive();
      await host.more(deadline - Date.now());
    }
    await host.quiet(DEADLINE.key);
    host.checkAlive();
    await switchInput('DOM0');
    return newConsoleLines();
  };

  return { command, pressKey, powerOff: host.end };
}

/** Waits for a line of dom0, behind those before `from`, and returns where it is. */
function lineOfDom0(host: Host, from: number, pattern: RegExp, what: string): Promise<number> {
  return host.until(what, DEADLINE.command, () => {
    const at = host.lines.dom0.findIndex((text, index) => index >= from && pattern.test(text));
    return at < 0 ? undefined : at;
  });
}

const SWITCHED = /^\*\*\* Serial input to (Xen|DOM\d+)/;

/** The emulator's process and its serial line. */
interface Host {
  readonly lines: Pick<SerialLine, 'xen' | 'dom0' | 'all'>;
  readonly send: (text: string) => void;
  /** Resolves with true when something arrives, with false after `wait` milliseconds of silence. */
  readonly more: (wait: number) => Promise<boolean>;
  /** Resolves when nothing has arrived for a while, or after `longest` milliseconds: a dying host may never stop. */
  readonly quiet: (longest: number) => Promise<void>;
  /** Asks `probe` after each arrival until it answers; HostDied on a crash, the end of QEMU, or the deadline. */
  readonly until: <T>(what: string, deadline: number, probe: () => T | undefined) => Promise<T>;
  readonly checkAlive: () => void;
  readonly died: (why: string) => HostDied;
  readonly end: () => Promise<void>;
}

function startQemu(options: BootOptions): Host {
  writeFileSync(options.console_log, '');
  const qemu = spawn(options.emulator ?? 'qemu-system-x86_64', qemuArguments(options), { stdio: 'pipe' });
  const line = serialLine();
  let wake = (): void => undefined;
  let exit_notice: string | undefined;
  let errors = '';
  qemu.stdout.on('data', (chunk: Buffer) => {
    appendFileSync(options.console_log, chunk);
    line.feed(chunk.toString('latin1'));
    wake();
  });
  qemu.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  qemu.stdin.on('error', () => undefined); // its end is noticed by 'close'
  const ended = endOf(qemu, (notice) => {
    exit_notice = `${notice}${errors === '' ? '' : `: ${errors.trim()}`}`;
    wake();
  });

  const died = (why: string): HostDied => {
    const tail = [
      ...line.xen.slice(-25).map((text) => `    (XEN) ${text}`),
      ...line.dom0.slice(-5).map((text) => `    ${text}`),
    ];
    return new HostDied(`${why}\n${tail.join('\n')}\n  the whole console is in ${options.console_log}`);
  };
  const more = async (wait: number): Promise<boolean> => {
    const arrival = new Promise<boolean>((resolve) => (wake = () => resolve(true)));
    const stop = new AbortController();
    const silence = sleep(Math.max(wait, 0), false, { signal: stop.signal }).catch(() => false);
    const answer = await Promise.race([arrival, silence]);
    stop.abort();
    return answer;
  };
  const quiet = async (longest: number): Promise<void> => {
    const end = Date.now() + longest;
    while (Date.now() < end && (await more(DEADLINE.quiet)));
  };
  const checkAlive = (): void => {
    const notice = line.death() ?? exit_notice;
    if (notice !== undefined) throw died(`the host died: ${notice}`);
  };
  const until: Host['until'] = async (what, deadline, probe) => {
    const end = Date.now() + deadline;
    for (;;) {
      const answer = probe();
      if (answer !== undefined) return answer;
      if (line.death() !== undefined) await quiet(DEADLINE.last_words);
      checkAlive();
      if (Date.now() >= end) throw died(`the host hangs: waited ${String(deadline / 1000)} s for ${what}`);
      await more(end - Date.now());
    }
  };
  const end = async (): Promise<void> => {
    qemu.kill('SIGKILL');
    await ended;
  };
  return { lines: line, send: (text) => qemu.stdin.write(text), more, quiet, until, checkAlive, died, end };
}

/** Resolves when the process is gone, and sees to it that it never outlives us. */
function endOf(qemu: ChildProcessWithoutNullStreams, notify: (notice: string) => void): Promise<void> {
  const killWithUs = (): void => void qemu.kill('SIGKILL');
  process.on('exit', killWithUs);
  return new Promise((resolve) => {
    const finish = (notice: string): void => {
      process.off('exit', killWithUs);
      notify(notice);
      resolve();
    };
    qemu.on('error', (cause) => finish(`QEMU could not be started: ${cause.message}`));
    qemu.on('close', (code, signal) => finish(`QEMU ended (${signal ?? `exit code ${String(code)}`})`));
  });
}

function qemuArguments({ xen, vmlinuz, initrd }: BootOptions): readonly string[] {
  return [
    ...['-accel', 'tcg,thread=multi'],
    // With SMAP a PV dom0 crashes at its first steps under TCG.
    ...['-cpu', 'max,-smap', '-smp', '2', '-m', '2G'],
    ...['-display', 'none', '-monitor', 'none', '-serial', 'stdio', '-nodefaults', '-no-reboot'],
    ...['-kernel', xen, '-append', 'console=com1 com1=115200,8n1 dom0_mem=1G loglvl=all'],
    // QEMU splits at commas: the first is the dom0 kernel with its command line, the second its initrd.
    ...['-initrd', `${vmlinuz} console=hvc0 earlyprintk=xen,${initrd}`],
  ];
}
