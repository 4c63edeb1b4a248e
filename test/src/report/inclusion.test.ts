/** Why each thing is in a payload: every link of the chain says how and where. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import type { LinkResult } from '../../../src/index.js';
import { describeInclusion } from '../../../src/report/inclusion.js';
import { renderBuild } from '../../../src/report/text.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { compareObjects, imageOf, linkObjects } from '../../support/in-memory.js';

const RET = 0xc3;
const LOCAL = { bind: c.STB_LOCAL } as const;

/** f calls and jumps to new functions, takes the address of a string, reads a new variable, and warns. */
function patched(): ElfBuilder {
  const f = [
    0xe8, 0, 0, 0, 0, 0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0x8b, 0x05, 0, 0, 0, 0, 0x0f, 0x0b, 0xe9, 0, 0, 0, 0,
  ];
  return new ElfBuilder()
    .text('.text.f', f)
    .text('.text.called', [0x48, 0x8d, 0x05, 0, 0, 0, 0, RET])
    .text('.text.pointed', [RET])
    .text('.text.jumped', [0x90, RET])
    .data('.data.table', new Uint8Array(8))
    .bss('.bss.read', 4)
    .strings('.rodata.str1.1', 'hello', 'x.c')
    .section('.bug_frames.1', new Uint8Array(8), { align: 4 })
    .symbol('called', { section: '.text.called', type: c.STT_FUNC, size: 8, ...LOCAL })
    .symbol('pointed', { section: '.text.pointed', type: c.STT_FUNC, size: 1, ...LOCAL })
    .symbol('jumped', { section: '.text.jumped', type: c.STT_FUNC, size: 2, ...LOCAL })
    .symbol('table', { section: '.data.table', type: c.STT_OBJECT, size: 8, ...LOCAL })
    .symbol('read', { section: '.bss.read', type: c.STT_OBJECT, size: 4, ...LOCAL })
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: f.length })
    .rela('.text.f', 1, c.R_X86_64_PLT32, 'called', -4)
    .rela('.text.f', 8, c.R_X86_64_PC32, { section: '.rodata.str1.1' }, -4)
    .rela('.text.f', 14, c.R_X86_64_PC32, 'read', -4)
    .rela('.text.f', 21, c.R_X86_64_PLT32, 'jumped', -4)
    .rela('.text.called', 3, c.R_X86_64_PC32, 'table', -4)
    .rela('.data.table', 0, c.R_X86_64_64, 'pointed')
    .rela('.bug_frames.1', 0, c.R_X86_64_PC32, { section: '.text.f' }, 18)
    .rela('.bug_frames.1', 4, c.R_X86_64_PC32, { section: '.rodata.str1.1' }, 6 + 4);
}

async function linked(): Promise<LinkResult> {
  const plain = new ElfBuilder()
    .text('.text.f', [...new Array<number>(15).fill(0x90), RET])
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 16 });
  const diff = compareObjects(plain, patched());
  const image = new ElfBuilder()
    .text('.text', new Uint8Array(16))
    .symbol('f', { section: '.text', type: c.STT_FUNC, size: 16 });
  const { payload, codes } = await linkObjects([diff], imageOf(image));
  expect(codes).toEqual([]);
  return { diffs: [diff], diagnostics: [], timings: new Map(), ...(payload && { payload }) };
}

describe('the chain of a thing', () => {
  test('says how and where each link refers to the one before', async () => {
    const { payload } = await linked();
    if (payload === undefined) throw new Error('no payload');
    const chains = describeInclusion(payload.resolved).map(
      ({ name, chain }) =>
        `${name}: ${chain.map((link) => `${link.how} ${link.name}+${link.at}`).join(' < ')}`,
    );
    expect(chains.sort()).toEqual([
      '"hello": address f+5',
      '"x.c": entry .bug_frames.1+0x0+4 < describes f+18',
      '.bug_frames.1+0x0: describes f+18',
      'called: call f+0',
      'f: ',
      'jumped: jump f+20',
      'pointed: pointer table+0 < address called+0 < call f+0',
      'read: access f+12',
      'table: address called+0 < call f+0',
    ]);
  });

  test('is told in names, and link by link when more is asked for', async () => {
    const result = await linked();
    const line = (verbose: boolean): string | undefined =>
      renderBuild(result, 'x', { color: false, verbose })
        .split('\n')
        .find((text) => text.startsWith('  pointed '));
    expect(line(false)).toBe('  pointed (function, 1 bytes): used by table <- called <- f');
    expect(line(true)).toBe(
      '  pointed (function, 1 bytes): pointed to at +0x0 of table <- address taken at +0x0 of called <- called at +0x0 of f',
    );
  });
});
