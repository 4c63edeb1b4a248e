/** Reads: pair-bytes. Makes: parsed-pair. Assumes: nothing about the bytes. Reports: XS101, XS102, XS103, XS105. */
import type { ItemPass } from '../src/engine/pass.js';
import type { PairBytes, PairDiff, ParsedPair } from '../src/model/artifacts.js';
import { settledDiff } from '../src/model/artifacts.js';
import type { Diagnostic } from '../src/diag/diagnostic.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import * as c from '../src/elf/constants.js';
import { readElf } from '../src/elf/read.js';

export const parseElf: ItemPass<PairBytes, ParsedPair, PairDiff> = {
  name: 'parse-elf',
  reads: 'pair-bytes',
  makes: 'parsed-pair',
  each: (pair) => {
    const unchanged = settledDiff(pair.object, 'unchanged');
    if (pair.identical && pair.patched === undefined) return { done: unchanged };
    const found: Diagnostic[] = [];
    const read = (bytes: Uint8Array | undefined): ReturnType<typeof readElf> => {
      const file = bytes === undefined ? undefined : readElf(pair.object, bytes, (d) => found.push(d));
      if (file !== undefined && file.header.e_type !== c.ET_REL)
        found.push(notAnObject(pair.object, file.header.e_type));
      return file;
    };
    const orig = read(pair.orig);
    const patched = read(pair.patched);
    // What is equal need not be understood.
    if (found.length > 0)
      return { done: pair.identical ? unchanged : settledDiff(pair.object, 'refused', found) };
    return {
      next: {
        object: pair.object,
        ...(orig === undefined ? {} : { orig }),
        ...(patched === undefined ? {} : { patched }),
      },
    };
  },
};

function notAnObject(object: string, e_type: number): Diagnostic {
  return diagnostic('XS102', {
    message: `the file is no relocatable object (e_type ${e_type}, not ET_REL)`,
    at: { object },
    hint: 'give the objects that the compiler wrote, not a linked image',
  });
}
