/** An object or payload as text, with everything this tool can read in it: instructions and Xen's structures. */
import type { Report } from '../diag/diagnostic.js';
import { dumpElf } from '../elf/dump.js';
import { readElf } from '../elf/read.js';
import { disassemble } from '../x86/disassemble.js';
import type { DisassembledInstruction } from '../x86/disassemble.js';
import { describeXenSection } from '../xen/describe-sections.js';

export interface DumpRequest {
  /** Leave build-ids out, so that two dumps differ only where the payloads do. */
  readonly stable?: boolean;
}

/** The dump, one fact a line. Reports XS1xx and returns undefined when `bytes` are no ELF64 x86-64 file. */
export function renderDump(
  name: string,
  bytes: Uint8Array,
  report: Report,
  request: DumpRequest = {},
): string | undefined {
  const file = readElf(name, bytes, report, { relocations: 'all' });
  if (file === undefined) return undefined;
  return dumpElf(file, { ...request, disassemble: disassembleForReading, decode: describeXenSection });
}

/** Instructions as they are, but the int3 that fill the space between functions are one line. */
function disassembleForReading(code: Uint8Array, start: number): DisassembledInstruction[] {
  const lines: DisassembledInstruction[] = [];
  for (const line of disassemble(code, start)) {
    const last = lines.at(-1);
    if (line.text !== 'int3' || last?.text.startsWith('int3') !== true) lines.push(line);
    else lines[lines.length - 1] = { ...last, length: last.length + 1, text: `int3 x ${last.length + 1}` };
  }
  return lines;
}
