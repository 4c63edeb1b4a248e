/**
 * The real hypervisor as the judge of mutants. A program of ours in dom0 (livepatch-calls.c) makes the hypercalls of
 * many mutants in one go and tells each answer on the line that Xen writes on, too; so the order of the lines tells
 * which of Xen's belong to which call.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { MachineError, run } from '../../../src/qemu/command.js';
import { HostDied } from '../../../src/qemu/host.js';
import type { Machine } from '../../../src/qemu/machine.js';
import type { ConsoleLine } from '../../../src/qemu/serial-line.js';
import { REPOSITORY } from '../cases.js';
import type { Answers, Call } from './calls.js';
import type { Verdict } from './verdict.js';

const PROGRAM = '/livepatch-calls';
const LIST = '/calls';
/** Mutants in one go: all must be done before a command of the machine has to end. */
const AT_ONCE = 50;

/** Compiles the program that makes the calls, for a guest without libraries. */
export async function compileCaller(directory: string): Promise<string> {
  const source = path.join(REPOSITORY, 'test/xen/mutants/livepatch-calls.c');
  const program = path.join(directory, 'livepatch-calls');
  await run('gcc', ['-O1', '-Wall', '-Werror', '-static', '-o', program, source]);
  return program;
}

/** What must be in the guest: the program, the list of calls, and the payloads by what is in them. */
export function guestFiles(
  program: Uint8Array,
  trials: readonly (readonly Call[])[],
): Map<string, Uint8Array> {
  const files = new Map([[PROGRAM, program]]);
  const lines = trials.flatMap((calls, number) => [
    `trial ${String(number)}`,
    ...calls.map(({ action, name, payload }) => {
      if (payload === undefined) return `${action} ${name}`;
      const file = `/payloads/${createHash('sha256').update(payload).digest('hex').slice(0, 16)}`;
      files.set(file, payload);
      return `${action} ${name} ${file}`;
    }),
  ]);
  return files.set(LIST, Buffer.from(`${lines.join('\n')}\n`));
}

/** Makes a host ready: what is in the initrd cannot be executed. */
export async function prepareHost(machine: Machine): Promise<void> {
  const { exit_code } = await machine.command(`chmod 755 ${PROGRAM}`);
  if (exit_code !== 0) throw new MachineError(`${PROGRAM} is not in the guest`);
}

export interface SomeAnswers {
  /** Of the trials in their order, the last one cut short when the host died of it. */
  readonly answers: readonly Answers[];
  /** The host went silent at the trial behind these: what was seen. That is no answer, Xen's or anyone's. */
  readonly silence?: HostDied;
}

/** The answers to the trials from number `first` on, to some of them. */
export async function someAnswers(machine: Machine, first: number, most = AT_ONCE): Promise<SomeAnswers> {
  try {
    const { exit_code, output, lines } = await machine.command(
      `${PROGRAM} ${LIST} ${String(first)} ${String(most)}`,
    );
    if (exit_code !== 0) throw new MachineError(`${PROGRAM} failed:\n${output.join('\n')}`);
    return { answers: answersIn(lines) };
  } catch (failure) {
    if (!(failure instanceof HostDied)) throw failure;
    const answers = answersIn(failure.lines);
    const last = answers.at(-1);
    if (failure.isSilent) return { answers: answers.slice(0, -1), silence: failure };
    if (last === undefined) throw failure;
    const answered = failure.lines.findLastIndex((line) => line.from === 'dom0' && ANSWER.test(line.text));
    const died = xenLines(failure.lines.slice(answered + 1));
    return { answers: [...answers.slice(0, -1), { ...last, died }] };
  }
}

const TRIAL = /^@@trial \d+$/;
const ANSWER = /^@@answer (-?\d+)$/;

/** Takes the lines apart: what Xen says before an answer is about that call. */
export function answersIn(lines: readonly ConsoleLine[]): readonly Answers[] {
  const answers: { verdicts: Verdict[] }[] = [];
  let console: string[] = [];
  for (const { from, text } of lines) {
    if (from === 'xen') console.push(text);
    else if (TRIAL.test(text)) answers.push({ verdicts: [] });
    const rc = from === 'dom0' ? ANSWER.exec(text)?.[1] : undefined;
    if (rc === undefined) continue;
    answers.at(-1)?.verdicts.push({ rc: Number(rc), console });
    console = [];
  }
  return answers;
}

const xenLines = (lines: readonly ConsoleLine[]): readonly string[] =>
  lines.filter(({ from }) => from === 'xen').map(({ text }) => text);
