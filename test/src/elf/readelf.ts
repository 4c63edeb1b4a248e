/**
 * binutils as an oracle: what readelf says about a file, in the words of our columns, so that the two can be
 * compared line by line. Only the lists that `readelf -S`, `-s` and `-r` print; names are compared as readelf
 * prints them, so objects with odd names do not belong here.
 */
import { spawnSync } from 'node:child_process';
import * as c from '../../../src/elf/constants.js';
import type { ElfFile } from '../../../src/elf/read.js';
import { relocName } from '../../../src/elf/reloc-x86-64.js';
import { bindingName, sectionTypeName, symbolTypeName, visibilityName } from '../../../src/elf/spell.js';

/** Facts of a file, one per line. */
export interface Facts {
  readonly sections: readonly string[];
  readonly symbols: readonly string[];
  readonly relas: readonly string[];
}

/** True when the program can be started; tests are skipped otherwise. */
export function isInstalled(program: 'readelf' | 'objdump'): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

/** Runs a binutils program; its warnings are on stderr. */
export function run(program: string, args: readonly string[]): { stdout: string; stderr: string } {
  const { stdout, stderr } = spawnSync(program, args, {
    encoding: 'latin1',
    maxBuffer: 1 << 29,
    env: { ...process.env, LC_ALL: 'C' },
  });
  return { stdout, stderr };
}

/** What readelf says. */
export function readelfFacts(path: string): Facts {
  return {
    sections: sectionFacts(run('readelf', ['-SW', path]).stdout),
    symbols: symbolFacts(run('readelf', ['-sW', path]).stdout),
    relas: relaFacts(run('readelf', ['-rW', path]).stdout),
  };
}

//   [Nr] Name  Type  Address  Off  Size  ES Flg Lk Inf Al
const SECTION =
  /^ *\[ *(\d+)\] (\S*) +(SYMTAB SECTION INDICES|\S+) +([0-9a-f]{16}) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) +([A-Za-z]*) +(\d+) +(\d+) +(\d+)$/;
//   Num: Value Size Type Bind Vis Ndx Name
const SYMBOL = /^ *\d+: ([0-9a-f]{16}) +(\S+) (\S+) +(\S+) +(\S+) +(?:\[[^\]]*\] +)?(\S+) ?(\S*)$/;
// Offset Info Type [Symbol's value  Symbol's name] + Addend
const RELA =
  /^([0-9a-f]{16}) {2}([0-9a-f]{16}) (\S+) +(?:([0-9a-f]{16}) (\S+) ([+-]) ([0-9a-f]+)|([0-9a-f]+))$/;

function sectionFacts(text: string): string[] {
  const facts: string[] = [];
  for (const line of text.split('\n')) {
    const found = SECTION.exec(line);
    if (found === null) continue;
    // With SHN_XINDEX the null section carries the number of sections; we show it as empty.
    if (found[1] === '0') continue;
    const [, , name, type, , off, size, entsize, , link, info, align] = found;
    const numbers = [parseInt(off, 16), parseInt(size, 16), parseInt(entsize, 16), link, info, align];
    facts.push(`${name} ${type} ${numbers.join(' ')}`);
  }
  return facts;
}

function symbolFacts(text: string): string[] {
  const facts: string[] = [];
  for (const line of text.split('\n')) {
    const found = SYMBOL.exec(line);
    if (found === null) continue;
    const [, value, size, type, bind, visibility, ndx, name] = found;
    facts.push(`${BigInt(`0x${value}`)} ${BigInt(size)} ${type} ${bind} ${visibility} ${ndx} ${name}`);
  }
  return facts;
}

function relaFacts(text: string): string[] {
  const facts: string[] = [];
  for (const line of text.split('\n')) {
    const found = RELA.exec(line);
    if (found === null) continue;
    const [, place, info, type, , , sign, addend, bare] = found;
    const r_sym = parseInt(info.slice(0, 8), 16);
    const magnitude = BigInt.asIntN(64, BigInt(`0x${addend ?? bare}`));
    facts.push(`${BigInt(`0x${place}`)} ${type} ${r_sym} ${sign === '-' ? -magnitude : magnitude}`);
  }
  return facts;
}

/** What our reader says, in the same words. The file must have been read with all its relocations. */
export function ourFacts(file: ElfFile): Facts {
  const { symbols } = file;
  const shown = (name: string, prefix: string): string =>
    name.startsWith(prefix) ? name.slice(prefix.length) : name;
  return {
    sections: file.sections.slice(1).map((s) => {
      const type = READELF_TYPES.get(s.sh_type) ?? shown(sectionTypeName(s.sh_type), 'SHT_');
      const numbers = [s.sh_offset, s.sh_size, s.sh_entsize, s.sh_link, s.sh_info, s.sh_addralign];
      return `${s.name} ${type} ${numbers.join(' ')}`;
    }),
    symbols: symbols.names.map((name, i) => {
      const st_info = symbols.st_info[i];
      const type =
        READELF_SYMBOL_TYPES.get(c.stType(st_info)) ?? shown(symbolTypeName(c.stType(st_info)), 'STT_');
      const bind = READELF_BINDINGS.get(c.stBind(st_info)) ?? shown(bindingName(c.stBind(st_info)), 'STB_');
      const visibility = shown(visibilityName(symbols.st_other[i]), 'STV_');
      const isSection = c.stType(st_info) === c.STT_SECTION;
      const label = isSection ? file.sections[symbols.st_shndx[i]].name : name;
      const numbers = `${symbols.st_value[i]} ${symbols.st_size[i]}`;
      return `${numbers} ${type} ${bind} ${visibility} ${placeWord(symbols.st_shndx[i])} ${label}`;
    }),
    relas: file.relas.flatMap((table) =>
      Array.from(
        table.r_offset,
        (r_offset, k) => `${r_offset} ${relocName(table.r_type[k])} ${table.r_sym[k]} ${table.r_addend[k]}`,
      ),
    ),
  };
}

const READELF_TYPES = new Map<number, string>([
  [c.SHT_SYMTAB_SHNDX, 'SYMTAB SECTION INDICES'],
  [c.SHT_LLVM_ADDRSIG, 'LLVM_ADDRSIG'],
]);
const READELF_SYMBOL_TYPES = new Map<number, string>([[c.STT_GNU_IFUNC, 'IFUNC']]);
const READELF_BINDINGS = new Map<number, string>([[c.STB_GNU_UNIQUE, 'UNIQUE']]);

function placeWord(shndx: number): string {
  if (shndx === c.SHN_UNDEF) return 'UND';
  if (shndx === c.RESERVED_SHNDX + c.SHN_ABS) return 'ABS';
  return shndx === c.RESERVED_SHNDX + c.SHN_COMMON ? 'COM' : String(shndx);
}
