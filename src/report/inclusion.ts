/** Says of each thing in a payload what it is and why it is there, along the references that pulled it in. */
import { asBuffer } from '../elf/read.js';
import { atomBytes, atomSection, atomTitle } from '../model/object-model.js';
import type { NamedPayload } from '../model/payload-artifacts.js';

export interface IncludedThing {
  readonly object: string;
  /** Its symbol, its quoted text, or section and offset. */
  readonly name: string;
  readonly kind: string;
  /** Bytes. */
  readonly size: number;
  readonly reason: 'changed' | 'hook' | 'referenced' | 'describes';
  /** Names from what pulled it in up to a root; empty for roots. */
  readonly chain: readonly string[];
}

export function describeInclusion(payload: NamedPayload): IncludedThing[] {
  const names = payload.atoms.map((_, k) => titleOf(payload, k));
  return payload.atoms.map((included, k) => {
    const chain: string[] = [];
    for (let at = included.from; at >= 0 && chain.length < payload.atoms.length; at = payload.atoms[at].from)
      chain.push(names[at]);
    const { object, patched } = payload.context.objects[included.object];
    const atom = patched.atoms[included.atom];
    return { object, name: names[k], kind: atom.kind, size: atom.size, reason: included.reason, chain };
  });
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
