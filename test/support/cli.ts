/** Runs the compiled command line as its user does: a process of its own, output that is no terminal. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url));

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment without variables that would colour the output or let node speak, and without others that are named. */
export function userEnvironment(others: readonly string[] = []): Record<string, string | undefined> {
  const left = ['FORCE_COLOR', 'NODE_OPTIONS', ...others];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !left.includes(name)));
}

export async function runCli(
  args: readonly string[],
  settings: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CliRun> {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: settings.cwd,
    env: { ...userEnvironment(), ...settings.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, stdout: out.join(''), stderr: err.join('') };
}
