/**
 * How asm-offsets.s is made, for which the makefiles keep the dependencies and not the command: like an object, with the
 * same flags, as assembly and without debug information. Whether that is right shows in the result: what comes out must
 * be the file that is there, byte for byte, or nothing follows from it.
 */
import type { CompileCommand } from './compile-command.js';

/** Options that take a word, and belong to the unit and not to its kind. */
const OF_THE_UNIT = new Set(['-o', '-MF', '-MQ', '-MT']);

/** Arguments that write `target`.new from `source`, with the flags of another unit. */
export function offsetsArguments(like: CompileCommand, source: string, target: string): readonly string[] {
  const kept: string[] = [];
  for (let at = 0; at < like.args.length; at += 1) {
    const word = like.args[at] ?? '';
    if (OF_THE_UNIT.has(word)) at += 1;
    else if (!/^-(?:c|M\w+|Wa,.*|flto|g.*|D__OBJECT_LABEL__.*)$/.test(word) && word !== like.source)
      kept.push(word);
  }
  return [...kept, '-S', '-g0', '-o', `${target}.new`, source];
}
