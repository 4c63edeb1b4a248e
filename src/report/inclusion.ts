/**
 * Says of each thing in a payload what it is and why it is there: the chain of references that pulled it in, each
 * with its place and what is done there.
 */
import { asBuffer } from '../elf/read.js';
import { openCode, positionAt } from '../model/code-lines.js';
import type { Code } from '../model/code-lines.js';
import { atomBytes, atomSection, atomTitle } from '../model/object-model.js';
import type { NamedPayload } from '../model/payload-artifacts.js';
import { isCode, isEntryTable } from '../model/section-role.js';
import { fieldUse } from '../x86/field-use.js';
import type { FieldUse } from '../x86/field-use.js';

export interface ChainLink {
  /** What refers to the thing before. */
  readonly name: string;
  /**
   * What it does with it: calls it, jumps to it, takes its address, reads or writes it; holds a pointer to it, or
   * names it in an entry of a table. `describes`: the thing before is an entry that describes this one.
   */
  readonly how: FieldUse | 'pointer' | 'entry' | 'describes';
  /** Where: bytes from the start of what `name` is, to the instruction, pointer or field. */
  readonly at: number;
}

export interface IncludedThing {
  readonly object: string;
  /** Its symbol, its quoted text, or section and offset. */
  readonly name: string;
  readonly kind: string;
  /** Bytes. */
  readonly size: number;
  readonly reason: 'changed' | 'hook' | 'named' | 'referenced' | 'describes';
  /** From what pulled it in up to a root; empty for roots. */
  readonly chain: readonly ChainLink[];
}

const HOW: Readonly<Record<ChainLink['how'], string>> = {
  call: 'called',
  jump: 'jumped to',
  address: 'address taken',
  access: 'accessed',
  pointer: 'pointed to',
  entry: 'named',
  describes: 'describes',
};

/** A link of a chain in words: how and where one thing refers to the next. */
export function describeLink({ name, how, at }: ChainLink): string {
  const place = `+0x${at.toString(16)}`;
  return how === 'describes' ? `describes ${name}${place}` : `${HOW[how]} at ${place} of ${name}`;
}

export function describeInclusion(payload: NamedPayload): IncludedThing[] {
  const names = payload.atoms.map((_, k) => titleOf(payload, k));
  const uses = new UseFinder(payload);
  const links = payload.atoms.map(({ from }, k): ChainLink | undefined =>
    from < 0 ? undefined : { name: names[from], ...uses.find(from, k) },
  );
  return payload.atoms.map((included, k) => {
    const chain: ChainLink[] = [];
    for (let at = k, link = links[at]; link !== undefined && chain.length < links.length; link = links[at]) {
      chain.push(link);
      at = payload.atoms[at].from;
    }
    const { object, patched } = payload.context.objects[included.object];
    const atom = patched.atoms[included.atom];
    return { object, name: names[k], kind: atom.kind, size: atom.size, reason: included.reason, chain };
  });
}

class UseFinder {
  private readonly decoded = new Map<number, Code>();

  constructor(private readonly payload: NamedPayload) {}

  /** Where and how included thing `user` refers to included thing `used` first. */
  find(user: number, used: number): Omit<ChainLink, 'name'> {
    const { payload } = this;
    if (payload.atoms[used].reason === 'describes') {
      const key = payload.atoms[used].refs.find((ref) => ref.at === 0);
      return { how: 'describes', at: key?.value ?? 0 };
    }
    const { object, atom: index, refs } = payload.atoms[user];
    const { patched } = payload.context.objects[object];
    const { role } = patched.atoms[index];
    const at = refs.find((ref) => ref.included === used)?.at ?? 0;
    if (isCode(role)) return this.useInCode(user, at);
    return { how: isEntryTable(role) ? 'entry' : 'pointer', at };
  }

  private useInCode(user: number, at: number): Omit<ChainLink, 'name'> {
    const { object, atom } = this.payload.atoms[user];
    const { patched } = this.payload.context.objects[object];
    const code = this.decoded.get(user) ?? openCode(patched, patched.atoms[atom]);
    this.decoded.set(user, code);
    const i = positionAt(code, at);
    if (i >= code.decoded.count) return { how: 'address', at };
    const start = code.decoded.start[i];
    const bytes = code.bytes.subarray(start, start + code.decoded.length[i]);
    return { how: fieldUse(bytes, at - start), at: start };
  }
}

const SHOWN_STRING = 60;

function titleOf(payload: NamedPayload, k: number): string {
  const { object, atom: index } = payload.atoms[k];
  const { patched } = payload.context.objects[object];
  const atom = patched.atoms[index];
  if (atom.kind === 'string' && atomSection(patched, atom).sh_entsize === 1) {
    const text = asBuffer(atomBytes(patched, atom)).toString('latin1', 0, Math.max(0, atom.size - 1));
    return JSON.stringify(text.length > SHOWN_STRING ? `${text.slice(0, SHOWN_STRING)}…` : text);
  }
  return atomTitle(patched, atom);
}
