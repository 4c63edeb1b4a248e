/** Payloads for the tiny hypervisor of golden/machine, from machine code: functions that it replaces, and hooks. */
import * as c from '../../src/elf/constants.js';
import type { HookKind } from '../../src/hypervisor/profiles.js';
import { PROFILES } from '../../src/hypervisor/profiles.js';
import { ElfBuilder } from './elf-builder.js';
import { note, record, A } from './payload-samples.js';
import { tinyImage } from './tiny-xen.js';

/** Code with a field of 4 bytes that holds the distance to a symbol of the hypervisor. */
export interface Code {
  readonly bytes: readonly number[];
  readonly refers?: { readonly at: number; readonly symbol: string; readonly addend?: number };
}

export interface Replacement extends Code {
  /** The function that it replaces. */
  readonly name: string;
  /** Where that is; its symbol's address unless given. */
  readonly oldAddress?: bigint;
  readonly oldSize?: number;
}

export interface TinyPayload {
  readonly functions?: readonly Replacement[];
  readonly hooks?: Partial<Record<HookKind, Code>>;
  /** One byte that makes the build-id different from that of others. */
  readonly id?: number;
  /** The payload it goes on top of, by its `id`; the hypervisor unless given. */
  readonly on?: number;
  readonly xenDepends?: readonly number[];
}

/** mov $n,%eax; ret – and room to be replaced itself. */
export const returns = (n: number): readonly number[] => [
  0xb8,
  n & 255,
  (n >> 8) & 255,
  0,
  0,
  0xc3,
  0x90,
  0x90,
];

const buildId = (byte: number): number[] => Array.from({ length: 20 }, () => byte);

export function tinyPayload({
  functions = [],
  hooks = {},
  id: ownId = 0xa1,
  on,
  xenDepends,
}: TinyPayload): Uint8Array {
  const image = tinyImage();
  const profile = PROFILES['4.17'];
  const xen = Array.from(image.buildId);
  const builder = new ElfBuilder();
  const put = (section: string, symbol: string, { bytes, refers }: Code): void => {
    builder.text(section, bytes);
    builder.symbol(symbol, { section, type: c.STT_FUNC, size: bytes.length });
    if (refers !== undefined)
      builder.rela(section, refers.at, c.R_X86_64_PC32, refers.symbol, (refers.addend ?? 0) - 4);
  };
  const names = functions.map(({ name }) => `${name}\0`).join('');
  const records = functions.flatMap((replaced) => {
    const symbol = image.symbols.find(
      (one) => one.name === replaced.name || one.name.endsWith(`#${replaced.name}`),
    );
    return record(profile, {
      oldAddress: replaced.oldAddress ?? symbol?.address ?? 0n,
      oldSize: replaced.oldSize ?? symbol?.size ?? 16,
      newSize: replaced.bytes.length,
    });
  });
  for (const [k, replaced] of functions.entries())
    put(`.text.new${k}`, `new_${replaced.name}_${k}`, replaced);
  if (functions.length > 0) {
    builder.section('.rodata.names', [...Buffer.from(names, 'latin1')]);
    builder.section('.livepatch.funcs', records, { flags: A, align: 8 });
    let at = 0;
    for (const [k, { name }] of functions.entries()) {
      builder.rela('.livepatch.funcs', k * 104, c.R_X86_64_64, { section: '.rodata.names' }, at);
      builder.rela('.livepatch.funcs', k * 104 + 8, c.R_X86_64_64, `new_${name}_${k}`);
      at += name.length + 1;
    }
  }
  for (const [kind, code] of Object.entries(hooks)) {
    put(`.text.hook_${kind}`, `hook_${kind}`, code);
    builder.section(`.livepatch.hooks.${kind}`, new Array<number>(8).fill(0), { flags: A, align: 8 });
    builder.rela(`.livepatch.hooks.${kind}`, 0, c.R_X86_64_64, `hook_${kind}`);
  }
  builder.section('.note.gnu.build-id', note(buildId(ownId)), { align: 4 });
  builder.section('.livepatch.depends', note(on === undefined ? xen : buildId(on)), { align: 4 });
  builder.section('.livepatch.xen_depends', note(xenDepends ?? xen), { align: 4 });
  return builder.bytes();
}
