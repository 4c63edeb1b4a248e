/**
 * The process that emulates a host, with its serial line: what came over it, what is waited for, and how the host ended.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { MachineError } from './command.js';
import { MONITOR_ARGUMENTS, processorStates, whereabouts } from './monitor.js';
import { serialLine } from './serial-line.js';
import type { ConsoleLine, SerialLine } from './serial-line.js';

/** The hypervisor or dom0 crashed, hung or was ended. The message ends with the last lines of the console. */
export class HostDied extends MachineError {
  override name = 'HostDied';
  /** It said nothing that tells of its death: an answer did not come in time. */
  readonly isSilent: boolean;
  /** What came over the line since the command began that the host died of. */
  lines: readonly ConsoleLine[] = [];

  constructor(message: string, isSilent = false) {
    super(message);
    this.isSilent = isSilent;
  }
}

export interface BootOptions {
  readonly xen: string;
  readonly vmlinuz: string;
  readonly initrd: string;
  /** Everything that came over the serial line is written here. */
  readonly console_log: string;
  /** The emulator; `qemu-system-x86_64` unless given. */
  readonly emulator?: string;
  /** Milliseconds that a command may take; two minutes unless given. */
  readonly patience?: number;
}

/** Milliseconds. */
const QUIET = 500;
const LAST_WORDS = 2000;
/** Three times, it switches the input between dom0 and Xen, which says so. */
export const CONTROL_A = '\x01';
export const SWITCHED = /^\*\*\* Serial input to (Xen|DOM\d+)/;

/** The emulator's process and its serial line. */
export interface Host {
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

export function startQemu(options: BootOptions): Host {
  writeFileSync(options.console_log, '');
  const qemu = spawn(options.emulator ?? 'qemu-system-x86_64', qemuArguments(options), {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
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

  const died = (why: string): HostDied => deathOf(why, line, options);
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
    while (Date.now() < end && (await more(QUIET)));
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
      if (line.death() !== undefined) await quiet(LAST_WORDS);
      checkAlive();
      if (Date.now() >= end) {
        const why = `the host hangs: waited ${String(deadline / 1000)} s for ${what}`;
        throw await silenceOf(why, qemu, line, options);
      }
      await more(end - Date.now());
    }
  };
  const end = async (): Promise<void> => {
    qemu.kill('SIGKILL');
    await ended;
  };
  return { lines: line, send: (text) => qemu.stdin.write(text), more, quiet, until, checkAlive, died, end };
}

function deathOf(why: string, line: SerialLine, { console_log }: BootOptions, isSilent = false): HostDied {
  const tail = [
    ...line.xen.slice(-25).map((text) => `    (XEN) ${text}`),
    ...line.dom0.slice(-5).map((text) => `    ${text}`),
  ];
  const message = `${why}\n${tail.join('\n')}\n  the whole console is in ${console_log}`;
  return new HostDied(message, isSilent);
}

/** With what tells whether all of it hangs: Xen's answer when it is spoken to, and where the processors are. */
async function silenceOf(
  why: string,
  qemu: ChildProcess,
  line: SerialLine,
  options: BootOptions,
): Promise<HostDied> {
  const before = line.xen.length;
  qemu.stdin?.write(CONTROL_A.repeat(6));
  const states = await processorStates(qemu);
  appendFileSync(options.console_log, states);
  const answers = line.xen.slice(before).some((text) => SWITCHED.test(text));
  const xen = `Xen ${answers ? 'answers' : 'does not answer'} when its input is switched`;
  return deathOf([why, xen, ...whereabouts(states)].join('\n    '), line, options, true);
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
    ...MONITOR_ARGUMENTS,
    ...['-display', 'none', '-serial', 'stdio', '-nodefaults', '-no-reboot'],
    ...['-kernel', xen, '-append', 'console=com1 com1=115200,8n1 dom0_mem=1G loglvl=all'],
    // QEMU splits at commas: the first is the dom0 kernel with its command line, the second its initrd.
    ...['-initrd', `${vmlinuz} console=hvc0 earlyprintk=xen,${initrd}`],
  ];
}
