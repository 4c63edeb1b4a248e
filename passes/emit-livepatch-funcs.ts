/** Reads: laid-out-payload. Makes: laid-out-payload. Assumes: replaced functions have symbols. Reports: nothing. */
import type { SerialPass } from '../src/engine/pass.js';
import * as c from '../src/elf/constants.js';
import type { OutputRela, OutputSection, OutputSymbol } from '../src/elf/write.js';
import type { LaidOutPayload } from '../src/model/payload-artifacts.js';
import { encodeFunctionRecords, NAME_FIELD, NEW_ADDR_FIELD } from '../src/xen/function-records.js';

/** Appends the table of replaced functions, and the strings that name them. */
export const emitLivepatchFuncs: SerialPass<LaidOutPayload, LaidOutPayload> = {
  name: 'emit-livepatch-funcs',
  reads: 'laid-out-payload',
  makes: 'laid-out-payload',
  run: (payload) => {
    const { resolved, object } = payload;
    if (resolved.replaced.length === 0) return payload;
    const { sectionPrefix } = resolved.context.wishes.abi;
    const names = resolved.replaced.map((r) => `${r.name}\0`);
    const strings: OutputSection = {
      name: `${sectionPrefix}.strings`,
      sh_type: c.SHT_PROGBITS,
      sh_flags: c.SHF_ALLOC,
      sh_addralign: 1,
      sh_entsize: 0,
      bytes: Buffer.from(names.join(''), 'latin1'),
    };
    const stringsSymbol: OutputSymbol = {
      name: '',
      st_info: c.STT_SECTION,
      st_other: 0,
      section: object.sections.length,
      st_value: 0,
      st_size: 0,
    };
    const funcs = recordSection(payload, names, object.symbols.length);
    return {
      ...payload,
      object: {
        ...object,
        sections: [...object.sections, strings, funcs],
        symbols: [...object.symbols, stringsSymbol],
      },
    };
  },
};

function recordSection(
  payload: LaidOutPayload,
  names: readonly string[],
  stringsSymbol: number,
): OutputSection {
  const { resolved, object } = payload;
  const { abi, prelink } = resolved.context.wishes;
  const defined = new Map(
    object.symbols.flatMap((s, k) => (typeof s.section === 'number' ? [[s.name, k] as const] : [])),
  );
  const relas: OutputRela[] = [];
  let nameAt = 0;
  for (const [k, replaced] of resolved.replaced.entries()) {
    const at = k * abi.recordSize;
    const symbol = defined.get(replaced.name);
    if (symbol === undefined) throw new Error(`the new ${replaced.name} has no symbol`);
    relas.push(
      { r_offset: at + NAME_FIELD, r_type: c.R_X86_64_64, symbol: stringsSymbol, r_addend: nameAt },
      { r_offset: at + NEW_ADDR_FIELD, r_type: c.R_X86_64_64, symbol, r_addend: 0 },
    );
    nameAt += names[k].length;
  }
  const records = resolved.replaced.map((r) => ({ ...r, oldAddress: prelink ? (r.oldAddress ?? 0n) : 0n }));
  return {
    name: `${abi.sectionPrefix}.funcs`,
    sh_type: c.SHT_PROGBITS,
    // Hypervisors before 4.17.3 and 4.18.1 note in the record what they overwrote: it must be writable.
    sh_flags: c.SHF_ALLOC | c.SHF_WRITE,
    sh_addralign: 8,
    sh_entsize: 0,
    bytes: encodeFunctionRecords(records, abi),
    relas,
  };
}
