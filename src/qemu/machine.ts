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
import { MachineError } from './command.js';
import { CONTROL_A, HostDied, startQemu, SWITCHED } from './host.js';
import type { BootOptions, Host } from './host.js';
import type { ConsoleLine } from './serial-line.js';

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
};
const LONGEST_COMMAND = 120;

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
  return drive(host, options.patience ?? DEADLINE.command);
}

const SETUP_FAILED = '@@failed to ';

function drive(host: Host, patience: number): Machine {
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
    const end_at = await lineOfDom0(host, from, end, line, patience).catch((failure: unknown) => {
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

/** Waits for the line of dom0 that ends a command, behind those before `from`, and returns where it is. */
function lineOfDom0(
  host: Host,
  from: number,
  end: RegExp,
  command: string,
  patience: number,
): Promise<number> {
  return host.until(`the end of: ${command}`, patience, () => {
    const at = host.lines.dom0.findIndex((text, index) => index >= from && end.test(text));
    return at < 0 ? undefined : at;
  });
}
