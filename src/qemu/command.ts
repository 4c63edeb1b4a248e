/**
 * Runs the programs that the real-hypervisor tests stand on (apt-get, dpkg, make, ldd) and turns their
 * failure into a message a person can act on.
 *
 * MachineError is thrown, unlike the diagnostics of the pipeline: whatever goes wrong below src/qemu is the
 * state of this machine (a tool, the network, a hung emulator), not a property of the user's patch, and
 * nothing can continue after it. Its message is complete as it stands; callers print it and stop.
 */
import { spawn } from 'node:child_process';

export class MachineError extends Error {
  override name = 'MachineError';
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are not a failure; only 0 unless given. */
  readonly accept?: readonly number[];
}

export interface CommandResult {
  readonly exit_code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and returns what it said. It never sees a terminal, so it cannot ask. */
export function capture(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (cause) => {
      reject(new MachineError(`cannot run ${program}: ${cause.message}`));
    });
    child.on('close', (code) => {
      resolve({
        exit_code: code ?? -1,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}

/** As capture, but a failure (an exit code not in `accept`) throws with the last lines the program printed. */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await capture(program, args, options);
  if ((options.accept ?? [0]).includes(result.exit_code)) return result.stdout;
  const said = lastLines(`${result.stdout}\n${result.stderr}`, 15);
  throw new MachineError(
    `${program} ${args.join(' ')} failed (exit code ${String(result.exit_code)}):\n${said}`,
  );
}

/** The last `count` lines with something on them, indented. */
export function lastLines(text: string, count: number): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines
    .slice(-count)
    .map((line) => `    ${line}`)
    .join('\n');
}
