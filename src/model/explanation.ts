/**
 * What is told about a changed function, as plain data: it crosses from the threads that compare to the one that
 * reports.
 *
 * A line is one instruction, one entry of a table or one piece of a literal. Offsets in it are bytes from the
 * start of the thing that `of` names; `refs` are its relocations with what they designate, so a string stands
 * there quoted and a place in a section by name and offset.
 */

/** The kinds of first differences; difference-kind.ts has the rules. */
export type ChangeKind =
  | 'code'
  | 'immediate'
  | 'callee'
  | 'literal'
  | 'variable'
  | 'frame'
  | 'size'
  | 'special-section'
  /** Itself it is as it was; a constant that it reads changed. */
  | 'constant'
  | 'cold-part'
  | 'section'
  | 'contents';

export interface ExcerptLine {
  /** What the line is part of: '' for the function itself, or the title of a literal, a table, a cold part. */
  readonly of: string;
  readonly shows: 'instruction' | 'entry' | 'bytes' | 'fact';
  readonly at: number;
  /** Hexadecimal, a space between bytes; '' for a line that stands for no bytes. */
  readonly bytes: string;
  readonly text: string;
  /** `+0x20 R_X86_64_PLT32 printk`, one relocation each. */
  readonly refs: readonly string[];
  /** The other side has no such line. */
  readonly differs: boolean;
}

export type CodeExcerpt = readonly ExcerptLine[];

export interface ChangedFunction {
  readonly name: string;
  /** Text of the STT_FILE symbol of a local function, '' for a global one: names alone may occur twice. */
  readonly sourceFile: string;
  readonly kind: ChangeKind;
  /** One line. */
  readonly reason: string;
  /** The first difference with what stands around it; null where there is nothing to show. */
  readonly orig: CodeExcerpt | null;
  readonly patched: CodeExcerpt | null;
  /** What differs as well and does not count: line numbers of bug frames, numbers that the compiler gave. */
  readonly modulo: readonly string[];
}

export interface ExplainedLine {
  /** On both sides, in the original only, in the patched only. */
  readonly side: 'both' | 'orig' | 'patched';
  readonly origAt: number | null;
  readonly patchedAt: number | null;
  /** Of the patched side for lines of both. */
  readonly bytes: string;
  readonly text: string;
  readonly refs: readonly string[];
  /** Entries of special sections that describe the instruction, decoded. */
  readonly entries: readonly string[];
}

/** A function shown whole, both sides aligned. */
export interface ExplainedFunction {
  readonly object: string;
  readonly name: string;
  readonly sourceFile: string;
  readonly verdict: 'changed' | 'unchanged' | 'new' | 'removed';
  /** Of changed functions. */
  readonly kind: ChangeKind | null;
  readonly reason: string;
  readonly modulo: readonly string[];
  readonly lines: readonly ExplainedLine[];
  /** What differs outside the function and makes lines differ that read alike: tables, fixups, the cold part. */
  readonly elsewhere: { readonly orig: CodeExcerpt; readonly patched: CodeExcerpt };
}
