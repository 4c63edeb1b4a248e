/**
 * binutils as an oracle: structures and unions with the places of their members, as `readelf --debug-dump=info`
 * tells them. It knows nothing of types, so what a reader must conclude (where the members of a nameless member
 * lie, where a bit-field of DWARF 4 begins) is concluded here once more, from the text.
 */
import { run } from '../elf/readelf.js';

interface Entry {
  readonly tag: string;
  readonly depth: number;
  readonly values: Map<string, string>;
  readonly children: Entry[];
}

/** One line for each named structure or union of a file with one unit: name, size, members with their places. */
export function readelfMembers(path: string): string[] {
  const entries = parse(run('readelf', ['--debug-dump=info', path]).stdout);
  return [...entries.values()]
    .filter((entry) => isAggregate(entry) && entry.depth === 1 && nameOf(entry) !== '')
    .filter((entry) => !entry.values.has('DW_AT_declaration'))
    .map((entry) => {
      const members = membersOf(entries, entry, 0).map((member) => ` ${member}`);
      return `${nameOf(entry)} ${entry.values.get('DW_AT_byte_size') ?? '?'}:${members.join('')}`;
    })
    .sort();
}

const ENTRY = /^ *<(\w+)><(\w+)>: Abbrev Number: \d+ \((DW_TAG_\w+)\)/;
const VALUE = /^ *<\w+> +(DW_AT_\w+) *: *(?:\([^)]*\):? +)?([^\t]*)/;

function parse(text: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const open: Entry[] = [];
  for (const line of text.split('\n')) {
    const [, depth, at, tag] = ENTRY.exec(line) ?? [];
    const [, name, value] = VALUE.exec(line) ?? [];
    if (tag !== undefined) {
      const entry: Entry = { tag, depth: parseInt(depth, 16), values: new Map(), children: [] };
      open.length = entry.depth;
      open.at(-1)?.children.push(entry);
      open.push(entry);
      entries.set(at, entry);
    } else if (name !== undefined) {
      open.at(-1)?.values.set(name, value.trim());
    }
  }
  return entries;
}

const nameOf = (entry: Entry): string => entry.values.get('DW_AT_name') ?? '';
const isAggregate = ({ tag }: Entry): boolean =>
  tag === 'DW_TAG_structure_type' || tag === 'DW_TAG_union_type';

function typeOf(entries: ReadonlyMap<string, Entry>, entry: Entry): Entry | undefined {
  const at = /<0x(\w+)>/.exec(entry.values.get('DW_AT_type') ?? '')?.[1];
  return at === undefined ? undefined : entries.get(at);
}

function membersOf(entries: ReadonlyMap<string, Entry>, whole: Entry, base: number): string[] {
  return whole.children
    .filter(({ tag }) => tag === 'DW_TAG_member')
    .flatMap((member) => {
      const number = (name: string): number | undefined => {
        const value = member.values.get(name);
        return value === undefined ? undefined : Number(value);
      };
      const type = typeOf(entries, member);
      const bits = number('DW_AT_bit_size');
      const fromTop = number('DW_AT_bit_offset');
      let start = base + 8 * (number('DW_AT_data_member_location') ?? 0);
      start += number('DW_AT_data_bit_offset') ?? 0;
      if (bits !== undefined && fromTop !== undefined)
        start += 8 * (number('DW_AT_byte_size') ?? NaN) - fromTop - bits;
      if (nameOf(member) !== '') return [`${nameOf(member)}@${start}${bits === undefined ? '' : `/${bits}`}`];
      return type !== undefined && isAggregate(type) ? membersOf(entries, type, start) : [];
    });
}
