/**
 * Measures whole processes, from start to exit, as a user meets them: start-up and the loading of modules count.
 *
 * Rounds go through all commands, so that what disturbs the machine for a second disturbs all of them alike.
 * Medians tell what to expect, minima what the program itself needs; on a shared machine trust the ratios. Memory
 * is measured in a run of its own, because watching it costs time.
 */
import { spawn } from 'node:child_process';

export interface Command {
  readonly title: string;
  /** Arguments of node, or of `program`. */
  readonly args: readonly string[];
  readonly program?: string;
  /** Done before each run, outside of its time. */
  readonly before?: () => void;
  /** It takes minutes: run once only, and for its time. */
  readonly once?: boolean;
  /** Exit codes that count as success. */
  readonly exits: readonly number[];
  /** What the project promises, where it does: median milliseconds and MB of resident memory. */
  readonly limit?: {
    readonly ms?: number;
    readonly megabytes?: number;
    /** At most so many milliseconds more than the command of that title. */
    readonly over?: { readonly title: string; readonly ms: number };
    /** The command of that title takes at least so many times as long. */
    readonly faster?: { readonly title: string; readonly times: number };
  };
}

export interface Measurement {
  readonly command: Command;
  /** Wall milliseconds of each run, ascending. */
  readonly runs: readonly number[];
  readonly megabytes: number;
}

/** Runs each command `rounds` times, after one run that fills caches and tells the memory. */
export async function measure(
  commands: readonly Command[],
  rounds: number,
  log: (line: string) => void,
): Promise<Measurement[]> {
  const megabytes: number[] = [];
  for (const command of commands) {
    if (command.once !== true) log(`warming up: ${command.title}`);
    megabytes.push(command.once === true ? 0 : await peakMegabytes(command));
  }
  const runs = commands.map((): number[] => []);
  for (let round = 1; round <= rounds; round++) {
    log(`round ${round} of ${rounds}`);
    for (const [k, command] of commands.entries())
      if (round === 1 || command.once !== true) runs[k].push((await runOnce(command, [])).ms);
  }
  return commands.map((command, k) => ({
    command,
    runs: runs[k].sort((a, b) => a - b),
    megabytes: megabytes[k],
  }));
}

/** Of a list in ascending order. */
export function median(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function peakMegabytes(command: Command): Promise<number> {
  const watcher = new URL('./report-memory.js', import.meta.url).href;
  const { memory } = await runOnce(command, command.program === undefined ? ['--import', watcher] : []);
  return Number(memory) / 1024;
}

interface Run {
  readonly ms: number;
  readonly memory: string;
}

async function runOnce(command: Command, nodeArgs: readonly string[]): Promise<Run> {
  return await new Promise((resolve, reject) => {
    command.before?.();
    const begin = performance.now();
    const child = spawn(command.program ?? process.execPath, [...nodeArgs, ...command.args], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let complaint = '';
    let memory = '';
    child.stdio[2]?.on('data', (chunk: Buffer) => void (complaint += chunk.toString()));
    child.stdio[3]?.on('data', (chunk: Buffer) => void (memory += chunk.toString()));
    // 'close' waits for the pipes; the time is over when the process is.
    let ms = 0;
    child.on('exit', () => void (ms = performance.now() - begin));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== null && command.exits.includes(code)) resolve({ ms, memory });
      else reject(new Error(`${command.title}: exit code ${String(code)}\n${complaint}`));
    });
  });
}

const shown = (value: number): string => value.toFixed(0);

/** A markdown table; the last column compares medians with that of the first command. */
export function tableOf(measurements: readonly Measurement[]): string {
  const unit = median(measurements[0].runs);
  const rows = measurements.map(({ command, runs, megabytes }) =>
    [
      command.title,
      `${shown(median(runs))}${limitText(command.limit?.ms)}`,
      shown(runs[0]),
      shown(runs[runs.length - 1]),
      `${shown(megabytes)}${limitText(command.limit?.megabytes)}`,
      (median(runs) / unit).toFixed(1),
    ].join(' | '),
  );
  const head = ['| Command | median ms | min | max | peak MB | times node |', '|---|--:|--:|--:|--:|--:|'];
  return [...head, ...rows.map((row) => `| ${row} |`)].join('\n');
}

function limitText(limit: number | undefined): string {
  return limit === undefined ? '' : ` (≤ ${limit})`;
}

/** What is above its limit, one line each. */
export function misses(measurements: readonly Measurement[]): string[] {
  return measurements.flatMap(({ command, runs, megabytes }) => {
    const found: string[] = [];
    const { ms = Infinity, megabytes: most = Infinity, over, faster } = command.limit ?? {};
    const named = (title: string | undefined): Measurement | undefined =>
      measurements.find((one) => one.command.title === title);
    const other = named(over?.title);
    const slow = named(faster?.title);
    if (faster !== undefined && slow !== undefined && median(slow.runs) < faster.times * median(runs))
      found.push(
        `${command.title}: ${(median(slow.runs) / median(runs)).toFixed(1)} times as fast as ${slow.command.title}, less than ${faster.times.toFixed(1)}`,
      );
    const allowed = over === undefined || other === undefined ? Infinity : median(other.runs) + over.ms;
    if (median(runs) > allowed)
      found.push(`${command.title}: ${shown(median(runs))} ms, more than ${shown(allowed)}`);
    if (median(runs) > ms) found.push(`${command.title}: ${shown(median(runs))} ms, more than ${ms}`);
    if (megabytes > most) found.push(`${command.title}: ${shown(megabytes)} MB, more than ${most}`);
    return found;
  });
}
