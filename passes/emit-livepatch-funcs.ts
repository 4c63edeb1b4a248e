/** Reads: laid-out-payload. Makes: laid-out-payload. Assumes: replaced functions have symbols. Reports: nothing. */
import type { SerialPass } from '../src/engine/pass.js';
import * as c from '../src/elf/constants.js';
import type { OutputRela, OutputSection, OutputSymbol } from '../src/elf/write.js';
import { OutputNames } from '../src/model/output-names.js';
import type { Anchor, BoundSplice, LaidOutPayload } from '../src/model/payload-artifacts.js';
import {
  encodeFunctionRecords,
  NAME_FIELD,
  NEW_ADDR_FIELD,
  OLD_ADDR_FIELD,
} from '../src/xen/function-records.js';
import type { FunctionRecord } from '../src/xen/function-records.js';

/** Appends the table of replaced functions, and the strings that name them; and NOPs over code, where those are wanted. */
export const emitLivepatchFuncs: SerialPass<LaidOutPayload, LaidOutPayload> = {
  name: 'emit-livepatch-funcs',
  reads: 'laid-out-payload',
  makes: 'laid-out-payload',
  run: (payload) => {
    const { resolved, object } = payload;
    const rows = rowsOf(payload);
    if (rows.length === 0) return payload;
    const { sectionPrefix } = resolved.context.wishes.abi;
    const names = rows.map(({ name }) => `${name}\0`);
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
    const symbols = [...object.symbols, stringsSymbol];
    const found = new OutputNames({ ...payload, object: { ...object, symbols } });
    const funcs = recordSection(payload, rows, object.symbols.length, found);
    return {
      ...payload,
      object: {
        ...object,
        sections: [...object.sections, strings, funcs],
        symbols: found.symbols,
      },
    };
  },
};

/** One record: a function with a new one, or code that NOPs go over. */
interface Row {
  readonly name: string;
  readonly record: FunctionRecord;
  /** The new function, as an included atom; undefined for NOPs. */
  readonly included: number | undefined;
  /** What the loader cannot find by the name alone. */
  readonly oldPlace: Anchor | undefined;
}

function rowsOf({ resolved }: LaidOutPayload): Row[] {
  const { splices = [], replaced, context } = resolved;
  const { abi, prelink } = context.wishes;
  const others = new Set(splices.map((splice) => splice.function));
  const jumps = replaced.flatMap((one, k): Row[] => {
    if (others.has(k)) return [];
    const record = { ...one, oldAddress: prelink ? (one.oldAddress ?? 0n) : 0n };
    return [{ name: one.name, record, included: one.included, oldPlace: undefined }];
  });
  // A loader that knows splices finds these there.
  const nops = abi.name === 'xsplice-v1' ? [] : splices.flatMap((splice) => nopRows(resolved, splice));
  return [...jumps, ...nops];
}

function nopRows(
  { replaced, context }: LaidOutPayload['resolved'],
  { function: position, places }: BoundSplice,
): Row[] {
  const { name, oldAddress = 0n } = replaced[position];
  return places.map(({ address, old, new: { length } }): Row => ({
    name,
    record: {
      oldAddress: 0n,
      newSize: length,
      oldSize: length,
      ...(context.wishes.expect === true && { expectation: old }),
    },
    included: undefined,
    oldPlace: { name, address: oldAddress, distance: Number(address - oldAddress) },
  }));
}

function recordSection(
  payload: LaidOutPayload,
  rows: readonly Row[],
  stringsSymbol: number,
  found: OutputNames,
): OutputSection {
  const { resolved, object } = payload;
  const { abi } = resolved.context.wishes;
  const defined = new Map(
    object.symbols.flatMap((s, k) => (typeof s.section === 'number' ? [[s.name, k] as const] : [])),
  );
  const relas: OutputRela[] = [];
  const r_type = c.R_X86_64_64;
  let nameAt = 0;
  for (const [k, { name, included, oldPlace }] of rows.entries()) {
    const at = k * abi.recordSize;
    relas.push({ r_offset: at + NAME_FIELD, r_type, symbol: stringsSymbol, r_addend: nameAt });
    if (included !== undefined) {
      const symbol = defined.get(name);
      if (symbol === undefined) throw new Error(`the new ${name} has no symbol`);
      relas.push({ r_offset: at + NEW_ADDR_FIELD, r_type, symbol, r_addend: 0 });
    }
    if (oldPlace !== undefined) {
      const symbol = found.ofAnchor(oldPlace);
      relas.push({ r_offset: at + OLD_ADDR_FIELD, r_type, symbol, r_addend: oldPlace.distance });
    }
    nameAt += name.length + 1;
  }
  return {
    name: `${abi.sectionPrefix}.funcs`,
    sh_type: c.SHT_PROGBITS,
    // Hypervisors before 4.17.3 and 4.18.1 note in the record what they overwrote: it must be writable.
    sh_flags: c.SHF_ALLOC | c.SHF_WRITE,
    sh_addralign: 8,
    sh_entsize: 0,
    bytes: encodeFunctionRecords(
      rows.map(({ record }) => record),
      abi,
    ),
    relas,
  };
}
