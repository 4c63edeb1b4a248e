/**
 * By what an object was made: the compilers that .comment names, and the options where the compiler recorded them.
 * Two sides made by different compilers, or with different options, differ in most functions without any patch.
 */
import type { ElfFile } from '../elf/read.js';
import { compilersOf } from '../xen/linked-image.js';

export interface Maker {
  /** Texts of .comment, each once, sorted: `GCC: (Debian 12.2.0-14) 12.2.0`. */
  readonly compilers: readonly string[];
  /** Recorded options, or '' when there is no record. */
  readonly options: string;
}

export function makerOf(file: ElfFile, producers: readonly string[]): Maker {
  const options = [...new Set(producers.map((text) => significant(text)))].sort();
  return { compilers: compilersOf(file), options: options.join('\n') };
}

/** The options of a producer's text that decide what code is made: not what debug information, nor where from. */
function significant(producer: string): string {
  return producer
    .split(' ')
    .filter((word) => !/^-(g|f(debug|file|macro)-prefix-map=|fdebug-|frecord-|dumpbase|I|W)/.test(word))
    .join(' ');
}

/** In what two makers differ, when both left a record: the texts of both sides. */
export interface MakerChange {
  readonly what: 'compiler' | 'flags';
  readonly orig: string;
  readonly patched: string;
}

export function makerChange(orig: Maker, patched: Maker): MakerChange | undefined {
  const [x, y] = [orig.compilers.join(', '), patched.compilers.join(', ')];
  if (x !== '' && y !== '' && x !== y) return { what: 'compiler', orig: x, patched: y };
  if (orig.options === '' || patched.options === '' || orig.options === patched.options) return undefined;
  const words = (text: string): Set<string> => new Set(text.split(/\s/));
  const [before, after] = [words(orig.options), words(patched.options)];
  return {
    what: 'flags',
    orig: [...before].filter((word) => !after.has(word)).join(' '),
    patched: [...after].filter((word) => !before.has(word)).join(' '),
  };
}
