/**
 * Names the first difference of two functions by what a reader would call it, from the two instructions at which
 * they part. The first rule that holds gives the kind:
 *
 *   size        one function ends where the other goes on
 *   callee      the same branch, or the same way to take an address, of another function
 *   literal     the same instruction, another string or constant
 *   contents    the same instruction and the same table, but the table holds something else
 *   variable    the same instruction, another variable
 *   frame       the same instruction but for its place in the stack frame, or for the size of the frame; %rbp
 *               counts when the function sets it from %rsp
 *   immediate   the same instruction with another immediate operand
 *   code        anything else: another instruction, one more, one less
 *
 * Other differences have their kind already: special-section, cold-part, section (excerpt.ts).
 */
import { relocName } from '../elf/reloc-x86-64.js';
import { Flow } from '../x86/decode.js';
import type { Code } from './code-lines.js';
import { hexBytes, instructionLines, refsOfInstruction } from './code-lines.js';
import { isLiteral } from './compare.js';
import type { ChangeKind } from './explanation.js';
import type { Places } from './instruction-match.js';
import { sameButForTargets } from './instruction-match.js';
import { stableName } from './names.js';
import type { ObjectModel, Ref } from './object-model.js';
import { atomBytes } from './object-model.js';
import { isCode } from './section-role.js';
import { describeTarget, signed } from './spell-target.js';
import { isInUnit } from './target-match.js';
import type { CodePair } from './target-match.js';

export interface Named {
  readonly kind: ChangeKind;
  readonly reason: string;
}

/** Instructions of one side that stand before the one that both sides have; 0 when there is none of these. */
export interface Surplus {
  readonly side: 'orig' | 'patched';
  readonly count: number;
}

/** Names the difference at two places, whose instructions read as `texts`. */
export function nameDifference(
  pair: CodePair,
  places: Places,
  surplus: Surplus,
  texts: { readonly before: string; readonly after: string },
): Named {
  const { orig, patched } = pair;
  const { i, j } = places;
  if (i >= orig.decoded.count || j >= patched.decoded.count) return nameSize(orig, patched);
  const { before, after } = texts;
  const where = placeOf(orig, i, patched, j);
  if (surplus.count > 0) {
    const [text, fate, at] =
      surplus.side === 'patched'
        ? [after, 'new', patched.decoded.start[j]]
        : [before, 'gone', orig.decoded.start[i]];
    const more = surplus.count === 1 ? ' is' : ` and ${surplus.count - 1} more are`;
    return { kind: frameOr(text, 'code'), reason: `\`${text}\`${more} ${fate} at ${hex(at)}` };
  }
  if (sameButForTargets(pair, i, j)) {
    const named = nameReference(pair, places);
    if (named !== undefined) return { ...named, reason: `${named.reason} at ${where}` };
  }
  if (before === after) return { kind: 'code', reason: `\`${before}\` is encoded otherwise at ${where}` };
  return { kind: kindOfTexts(pair, before, after), reason: `\`${before}\` became \`${after}\` at ${where}` };
}

const hex = (at: number): string => `+0x${at.toString(16)}`;

function placeOf(orig: Code, i: number, patched: Code, j: number): string {
  const [x, y] = [orig.decoded.start[i], patched.decoded.start[j]];
  return x === y ? hex(x) : `${hex(x)}, now ${hex(y)}`;
}

function nameSize(orig: Code, patched: Code): Named {
  return { kind: 'size', reason: `its size went from ${orig.atom.size} to ${patched.atom.size} bytes` };
}

/** The first pair of references of two instructions that does not lead to the same. */
export function partingRefs(pair: CodePair, { i, j }: Places): { x?: Ref; y?: Ref } | undefined {
  const xs = refsOfInstruction(pair.orig, i);
  const ys = refsOfInstruction(pair.patched, j);
  for (let k = 0; k < Math.max(xs.length, ys.length); k++) {
    const [x, y] = [xs.at(k), ys.at(k)];
    if (x === undefined || y === undefined) return { ...(x && { x }), ...(y && { y }) };
    if (x.r_type !== y.r_type || !pair.comparer.sameTarget(pair.orig.atom, x, y)) return { x, y };
  }
  return undefined;
}

function nameReference(pair: CodePair, places: Places): Named | undefined {
  const parting = partingRefs(pair, places);
  if (parting === undefined) return undefined;
  const { orig, patched } = pair;
  const { x, y } = parting;
  const targets = [
    ...(x === undefined ? [] : [targetKind(orig, places.i, x)]),
    ...(y === undefined ? [] : [targetKind(patched, places.j, y)]),
  ];
  // A literal that replaces a variable, or the other way round, reads as a change of the more telling one.
  const kind =
    (['callee', 'variable', 'literal', 'code'] as const).find((k) => targets.includes(k)) ?? 'variable';
  if (x === undefined)
    return {
      kind,
      reason: y === undefined ? '' : `a reference to ${describeTarget(patched.model, y)} is new`,
    };
  if (y === undefined) return { kind, reason: `a reference to ${describeTarget(orig.model, x)} is gone` };
  const [before, after] = [spellLiteral(orig.model, x), spellLiteral(patched.model, y)];
  if (kind === 'literal' && isOneTable(orig.model, x, patched.model, y)) {
    const now = before === after ? '' : `, now ${after},`;
    return { kind: 'contents', reason: `the contents of ${before}${now} differ, used` };
  }
  if (before !== after)
    return {
      kind,
      reason: `${before} became ${after.replace(before.startsWith(CONSTANT) ? CONSTANT : '', '')}`,
    };
  if (pair.comparer.sameTarget(orig.atom, x, y))
    return { kind, reason: `${relocName(x.r_type)} of ${before} became ${relocName(y.r_type)}` };
  return { kind, reason: `${before} became another of that name` };
}

/** Two tables that are one to a reader: of one name but for the compiler's number, or both without a name. */
function isOneTable(orig: ObjectModel, x: Ref, patched: ObjectModel, y: Ref): boolean {
  if (x.atom < 0 || y.atom < 0) return false;
  const [a, b] = [orig.atoms[x.atom], patched.atoms[y.atom]];
  const tables = [a, b].every(
    (atom) => isLiteral(atom) && atom.kind !== 'string' && atom.kind !== 'constant',
  );
  return tables && stableName(a.name) === stableName(b.name);
}

function targetKind(code: Code, i: number, ref: Ref): 'code' | 'callee' | 'variable' | 'literal' {
  // Another place in the same function is no other function.
  if (ref.atom >= 0 && ref.value !== 0 && isInUnit(code, code.model.atoms[ref.atom])) return 'code';
  const flow = code.decoded.flow[i];
  if (flow >= Flow.jump && flow <= Flow.call) return 'callee';
  if (ref.atom < 0) return 'variable';
  const atom = code.model.atoms[ref.atom];
  if (isLiteral(atom)) return 'literal';
  return isCode(atom.role) ? 'callee' : 'variable';
}

const CONSTANT = 'the constant ';

/** Constants of a pool have no name worth telling: their bytes are. */
function spellLiteral(model: ObjectModel, ref: Ref): string {
  const atom = ref.atom < 0 ? undefined : model.atoms[ref.atom];
  if (atom?.kind !== 'constant') return describeTarget(model, ref);
  return `${CONSTANT}${hexBytes(atomBytes(model, atom).subarray(0, 32))}${signed(ref.value)}`;
}

function kindOfTexts(pair: CodePair, before: string, after: string): ChangeKind {
  const pointer = /%rbp/.test(before) && setsFramePointer(pair.orig) && setsFramePointer(pair.patched);
  if (withoutFrame(before, pointer) === withoutFrame(after, pointer)) return 'frame';
  return withoutImmediates(before) === withoutImmediates(after) ? 'immediate' : 'code';
}

const frameOr = (text: string, otherwise: ChangeKind): ChangeKind =>
  isFrameSize(text) ? 'frame' : otherwise;

const isFrameSize = (text: string): boolean =>
  /^(sub|add)q? \$0x[0-9a-f]+,%rsp$/.test(text) || /^leaq? (-?0x[0-9a-f]+)?\(%r[sb]p\),%rsp$/.test(text);

function withoutFrame(text: string, pointer: boolean): string {
  if (isFrameSize(text)) return `${text.slice(0, 3)} frame`;
  const displaced = pointer ? /(-?0x[0-9a-f]+)?(?=\(%r[sb]p[,)])/ : /(-?0x[0-9a-f]+)?(?=\(%rsp[,)])/;
  return text.replace(displaced, 'place');
}

const withoutImmediates = (text: string): string => text.replace(/\$0x[0-9a-f]+/g, '$');

/** Instructions among which a prologue is looked for. */
const PROLOGUE = 8;

/** Whether %rbp points into the frame: built without frame pointers, functions use it as any other register. */
function setsFramePointer(code: Code): boolean {
  const lines = instructionLines(code, 0, PROLOGUE, () => false);
  return lines.some(({ text }) => text === 'mov %rsp,%rbp');
}
