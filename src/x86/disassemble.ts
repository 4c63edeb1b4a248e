/** Disassembles code as text, in the AT&T syntax that objdump and the people who review patches use. */
import type { Formatter } from 'iced-x86';
import { iced } from './decode.js';

export interface DisassembledInstruction {
  /** Bytes from the start of the given range. */
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

let gas: Formatter | undefined;

/** Made once and never freed: making it costs as much as formatting a dozen instructions. */
function gasFormatter(): Formatter {
  if (gas !== undefined) return gas;
  const { Formatter: Maker, FormatterSyntax } = iced();
  gas = new Maker(FormatterSyntax.Gas);
  gas.hexPrefix = '0x';
  gas.hexSuffix = '';
  gas.uppercaseHex = false;
  gas.branchLeadingZeros = false;
  gas.leadingZeros = false;
  gas.smallHexNumbersInDecimal = false;
  gas.ripRelativeAddresses = true;
  gas.spaceAfterOperandSeparator = false;
  return gas;
}

/** One element per instruction; branch targets are shown relative to `start`, the address of the first byte. */
export function disassemble(bytes: Uint8Array, start = 0): DisassembledInstruction[] {
  const { Decoder, DecoderOptions, Instruction } = iced();
  const formatter = gasFormatter();
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  decoder.ip = BigInt(start);
  const instruction = new Instruction();
  const lines: DisassembledInstruction[] = [];
  let at = 0;
  while (at < bytes.length) {
    decoder.decodeOut(instruction);
    if (instruction.isInvalid) {
      lines.push({ offset: at, length: 1, text: `(bad) 0x${bytes[at].toString(16).padStart(2, '0')}` });
      at += 1;
      decoder.position = at;
      decoder.ip = BigInt(start + at);
      continue;
    }
    lines.push({ offset: at, length: instruction.length, text: formatter.format(instruction) });
    at += instruction.length;
  }
  instruction.free();
  decoder.free();
  return lines;
}
