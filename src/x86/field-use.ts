/**
 * What an instruction does with one of its fields: the address in it is called, jumped to, taken, or memory
 * there is read or written. It tells a reader why one thing needs another.
 */
import type { Instruction } from 'iced-x86';
import { iced } from './decode.js';

export type FieldUse = 'call' | 'jump' | 'address' | 'access';

/** How the instruction that is all of `bytes` uses the field at byte `at` of it; `address` when nothing is known. */
export function fieldUse(bytes: Uint8Array, at: number): FieldUse {
  const { Decoder, DecoderOptions } = iced();
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  const instruction = decoder.decode();
  const places = decoder.getConstantOffsets(instruction);
  const isDisplacement = places.hasDisplacement && places.displacementOffset === at;
  const use = instruction.isInvalid ? 'address' : useOf(instruction, isDisplacement);
  places.free();
  instruction.free();
  decoder.free();
  return use;
}

function useOf(instruction: Instruction, isDisplacement: boolean): FieldUse {
  const { FlowControl, Mnemonic } = iced();
  const flow = instruction.flowControl;
  if (flow === FlowControl.Call) return 'call';
  const jumps = [
    FlowControl.UnconditionalBranch,
    FlowControl.ConditionalBranch,
    FlowControl.XbeginXabortXend,
  ];
  if (jumps.includes(flow)) return 'jump';
  return isDisplacement && instruction.mnemonic !== Mnemonic.Lea ? 'access' : 'address';
}
