/** Whether golden/insn/xen-forms.txt, which the emulator is held to, has every form of instruction of a hypervisor. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { STT_OBJECT } from '../../src/elf/constants.js';
import { sectionBytes } from '../../src/elf/read.js';
import { decodeInstruction } from '../../src/emulator/instruction.js';
import type { XenImage } from '../../src/xen/image.js';
import { GOLDEN } from '../support/golden.js';

const LONGEST_INSTRUCTION = 15;

/** Forms that occur in .text and are not in the list, with the first place of each. */
export function formsNotListed(image: XenImage): string[] {
  const listed = new Set(
    readFileSync(path.join(GOLDEN, 'insn/xen-forms.txt'), 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1]),
  );
  const text = image.file.sections.find(({ name }) => name === '.text');
  if (text === undefined) return ['the image has no .text'];
  const bytes = sectionBytes(image.file, text);
  const found = new Map<string, number>();
  const tables = tablesIn(image, text.sh_addr);
  for (let at = 0; at < bytes.length;) {
    const behind = tables.get(at);
    if (behind !== undefined) {
      at = behind;
      continue;
    }
    const instruction = decodeInstruction(bytes.subarray(at, at + LONGEST_INSTRUCTION), 0n);
    const known = typeof instruction === 'object';
    if (known && !listed.has(instruction.form) && !found.has(instruction.form))
      found.set(instruction.form, at);
    at += known ? instruction.length : 1;
  }
  return [...found].map(([form, at]) => `${form} at 0x${(text.sh_addr + BigInt(at)).toString(16)}`);
}

/** Data between the functions, by where it begins: where it ends. */
function tablesIn(image: XenImage, start: bigint): ReadonlyMap<number, number> {
  const objects = image.symbols.filter(({ type, size }) => type === STT_OBJECT && size > 0);
  return new Map(
    objects.map(({ address, size }) => [Number(address - start), Number(address - start) + size]),
  );
}
