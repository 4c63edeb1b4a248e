/**
 * The steps between a compiled object and the one that is linked, as far as they are understood:
 *
 *   x.o ── objcopy --rename-section .rodata=.init.rodata … ──► x.init.o          boot code; sizes are checked before
 *   a.o b.o ── ld -r ──► libelf-temp.o ── objcopy --rename-section … ──► libelf.o
 *
 * The record of x.init.o begins with a shell loop over what objdump prints, which fails if x.o has code or data outside
 * of .init sections. The loop is not run; it is known by its form, and what it checks is checked here.
 */
import type { Judged } from './compile-command.js';
import { isBelow } from './compile-command.js';
import { splitCommand } from './command-words.js';

export interface LinkStep {
  readonly program: string;
  readonly args: readonly string[];
  /** Objects that are read, relative to xen/. */
  readonly inputs: readonly string[];
  readonly output: string;
  /** The objdump that lists the sections of the input, which must be empty; undefined where nothing is asked. */
  readonly checkedBy: string | undefined;
}

const OBJCOPY = /^(?:\/(?:[\w.+-]+\/)*)?(?:[\w.+]+-)*objcopy(?:-\d[\d.]*)?$/;
const LINKER = /^(?:\/(?:[\w.+-]+\/)*)?(?:[\w.+]+-)*ld(?:\.bfd)?$/;
const INIT_CHECK =
  /^\s*((?:[\w.+]+-)*objdump) -h (\S+) \| while read (?:[^;]|;(?! done \|\|))*; done \|\| exit \$\?; (\S*objcopy .*)$/;
const LINKER_FLAG = /^(?:-r|-m\s*\w+|--start-group|--end-group|--(?:no-)?warn-[\w-]+|-z[\w=-]+)$/;
const RENAMING = /^[\w.$-]+=[\w./$-]+$/;

/** Judges the unescaped command that is recorded for `object`. */
export function judgeLinkStep(text: string, object: string): Judged<LinkStep> {
  const check = INIT_CHECK.exec(text);
  const words = splitCommand(check?.[3] ?? text);
  if (words === undefined) return { unknown: 'it is no simple command' };
  const [program = '', ...args] = words;
  const step = OBJCOPY.test(program)
    ? judgeObjcopy(program, args)
    : LINKER.test(program)
      ? judgeLinker(program, args)
      : undefined;
  if (step === undefined) return { unknown: `it runs ${program.slice(0, 60)} in a way that is not known` };
  if (step.output !== object) return { unknown: `it writes ${step.output}` };
  if (check === null) return { command: step };
  if (check[2] !== step.inputs[0]) return { unknown: 'it checks another object' };
  return { command: { ...step, checkedBy: check[1] } };
}

function judgeObjcopy(program: string, args: readonly string[]): LinkStep | undefined {
  const files: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '--rename-section' || word === '--redefine-sym') {
      at += 1;
      if (!RENAMING.test(args[at] ?? '')) return undefined;
    } else if (isBelow(word)) files.push(word);
    else return undefined;
  }
  const [input, output, ...more] = files;
  if (input === undefined || output === undefined || more.length > 0) return undefined;
  return { program, args, inputs: [input], output, checkedBy: undefined };
}

function judgeLinker(program: string, args: readonly string[]): LinkStep | undefined {
  const inputs: string[] = [];
  let output: string | undefined;
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '-o') {
      const next = args[(at += 1)] ?? '';
      if (output !== undefined || !isBelow(next)) return undefined;
      output = next;
    } else if (isBelow(word) && word.endsWith('.o')) inputs.push(word);
    else if (!LINKER_FLAG.test(word)) return undefined;
  }
  if (output === undefined || !args.includes('-r') || inputs.length === 0) return undefined;
  return { program, args, inputs, output, checkedBy: undefined };
}

/** The sections in what `objdump -h` printed that may not have contents in boot code, but have; by name. */
export function loadedSections(listing: string): readonly string[] {
  return listing.split('\n').flatMap((line) => {
    const [, name = '', size = '0'] = /^\s*\d+\s+(\S+)\s+([\da-f]+)\s/.exec(line) ?? [];
    const loaded = /^\.(?:text|data|bss)(?:\.|$)/.test(name) && !name.endsWith('.local');
    return loaded && /[1-9a-f]/.test(size) ? [name] : [];
  });
}
