/** Instructions about flags, and those that do nothing: clc … sahf, nop, fences, prefetches, ud2, int3. */
import { Vector } from '../fault.js';
import { Flag } from '../state.js';
import { AF, CF, PF, SF, ZF } from './operation.js';
import type { Operation } from './operation.js';

/** The flags that lahf and sahf move. */
const IN_AH = SF | ZF | AF | PF | CF;

function setOne(mnemonic: string, name: 'cf' | 'df', value: 0 | 1): Operation {
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: name === 'cf' ? CF : 0,
    semantics: (b) => b.setFlags([name, b.constant(1, value)]),
  };
}

export const FLAG_OPERATIONS: readonly Operation[] = [
  setOne('Clc', 'cf', 0),
  setOne('Stc', 'cf', 1),
  setOne('Cld', 'df', 0),
  setOne('Std', 'df', 1),
  {
    name: 'cmc',
    mnemonics: ['Cmc'],
    defines: CF,
    semantics: (b) => b.setFlags(['cf', b.not(b.flag('cf'))]),
  },
  {
    name: 'lahf',
    mnemonics: ['Lahf'],
    defines: 0,
    semantics: (b) => {
      const flags = b.binary('and', { op: 'rflags', width: 32 }, b.constant(32, IN_AH));
      b.add({ st: 'setHigh', index: 0, value: b.trunc(8, b.binary('or', flags, b.constant(32, Flag.one))) });
    },
  },
  {
    name: 'sahf',
    mnemonics: ['Sahf'],
    defines: IN_AH,
    implicit: [0],
    semantics: (b) => {
      const value = b.let({ op: 'high', width: 8, index: 0 });
      b.add({ st: 'setRflags', value: b.zext(32, value), mask: IN_AH });
    },
  },
  {
    name: 'nop',
    mnemonics: [
      'Nop',
      'Endbr64',
      'Endbr32',
      'Pause',
      'Lfence',
      'Mfence',
      'Sfence',
      'Prefetchnta',
      'Prefetcht0',
      'Prefetcht1',
      'Prefetcht2',
      'Prefetchw',
      'Serialize',
    ],
    defines: 0,
    semantics: () => undefined,
  },
  { name: 'ud2', mnemonics: ['Ud2'], defines: 0, semantics: (b) => b.raise(Vector.UD) },
  {
    name: 'int3',
    mnemonics: ['Int3'],
    defines: 0,
    // A trap: rip is that of the next instruction.
    semantics: (b) => {
      b.jump(b.next);
      b.raise(Vector.BP);
    },
  },
];
