/**
 * A payload that is already applied when ours comes: the symbols it brought, its build-id, and how it named
 * them. Xen resolves names against its own table first, then against the new symbols of loaded payloads.
 */
import * as c from '../elf/constants.js';
import type { Report } from '../diag/diagnostic.js';
import { diagnostic } from '../diag/diagnostic.js';
import type { ElfFile } from '../elf/read.js';
import { readElf, sectionBytes, symbolSection } from '../elf/read.js';
import { findBuildId } from './image.js';
import { SPLICE_BYTES, SPLICE_FIELDS, SPLICE_SIZES, SpliceKind, spliceSections } from './splice-records.js';

/** What a payload adds to the names that later ones can use. */
export interface StackedPayload {
  readonly name: string;
  readonly buildId: Uint8Array;
  /** Build-ids of what lies below it and of its hypervisor, where its notes tell. */
  readonly depends: Uint8Array | undefined;
  readonly xenDepends: Uint8Array | undefined;
  readonly symbols: ReadonlyMap<string, StackedSymbol>;
  /** Functions that it splices in another way than by a jump, and whether at their callers. */
  readonly spliced: ReadonlyMap<string, 'in-place' | 'callers'>;
}

export interface StackedSymbol {
  /** Its name in the payload; the key it is found by lacks the mark that keeps it unique. */
  readonly name: string;
  readonly size: number;
  readonly type: number;
  /** The first bytes of a function: enough to see an endbr64. */
  readonly head: Uint8Array;
}

/** Separates a symbol's name from the mark that makes it unique among loaded payloads. */
export const UNIQUE_MARK = '~';

/** Reads a payload to stack on. Reports XS1xx for a bad file, XS411 when it is no live patch. */
export function readStackedPayload(
  name: string,
  bytes: Uint8Array,
  report: Report,
): StackedPayload | undefined {
  const file = readElf(name, bytes, report);
  if (file === undefined) return undefined;
  const buildId = findBuildId(file);
  const funcs = file.sections.some((s) => /^\.(livepatch|xsplice)\.(funcs|splices|hooks\.)/.test(s.name));
  if (file.header.e_type !== c.ET_REL || buildId === undefined || !funcs) {
    report(
      diagnostic('XS411', {
        message: `${name} is no live patch payload: ${buildId === undefined ? 'it has no build-id note' : 'it has no .livepatch.funcs'}`,
        at: { object: name },
        hint: 'give --on-top-of the .xsplice files that are applied before this one, oldest first',
      }),
    );
    return undefined;
  }
  const dependency = (what: string): Uint8Array | undefined =>
    findBuildId(file, `.livepatch.${what}`) ?? findBuildId(file, `.xsplice.${what}`);
  return {
    name,
    buildId,
    depends: dependency('depends'),
    xenDepends: dependency('xen_depends'),
    symbols: newSymbols(file),
    spliced: splicedNames(file),
  };
}

/** By the relocations that give each record its name. */
function splicedNames(file: ElfFile): Map<string, 'in-place' | 'callers'> {
  const found = new Map<string, 'in-place' | 'callers'>();
  const table = file.sections.find(({ name }) => name === spliceSections('.xsplice').splices);
  const relas = table && file.relas[file.relaOf[table.index]];
  if (table === undefined || relas === undefined) return found;
  const records = sectionBytes(file, table);
  for (let k = 0; k < relas.count; k++) {
    const at = relas.r_offset[k];
    const kind = records.at(at + SPLICE_SIZES.kind);
    const home = symbolSection(file.symbols, relas.r_sym[k]);
    if (at % SPLICE_BYTES !== SPLICE_FIELDS.name || kind === undefined || home === undefined) continue;
    const bytes = sectionBytes(file, file.sections[home]).subarray(relas.r_addend[k]);
    const name = Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString('latin1');
    found.set(name, kind === SpliceKind.inPlace ? 'in-place' : 'callers');
  }
  return found;
}

function newSymbols(file: ElfFile): Map<string, StackedSymbol> {
  const { count, names, st_info, st_value, st_size } = file.symbols;
  const found = new Map<string, StackedSymbol>();
  for (let i = 1; i < count; i++) {
    const section = symbolSection(file.symbols, i);
    const type = c.stType(st_info[i]);
    if (section === undefined || type === c.STT_SECTION || type === c.STT_FILE || names[i] === '') continue;
    if ((file.sections[section].sh_flags & c.SHF_ALLOC) === 0) continue;
    const at = Number(st_value[i]);
    const head = sectionBytes(file, file.sections[section]).subarray(at, at + 8);
    found.set(names[i].split(UNIQUE_MARK)[0], { name: names[i], size: Number(st_size[i]), type, head });
  }
  return found;
}
