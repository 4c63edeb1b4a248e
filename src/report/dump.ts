/** An object or payload as text, with everything this tool can read in it: instructions and Xen's structures. */
import type { Report } from '../diag/diagnostic.js';
import { dumpElf } from '../elf/dump.js';
import { readElf } from '../elf/read.js';
import { disassemble } from '../x86/disassemble.js';
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
  return file === undefined
    ? undefined
    : dumpElf(file, { ...request, disassemble, decode: describeXenSection });
}
