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

/** One line of one side. */
export interface ExcerptLine {
  /** What the line is part of: '' for the function itself, or the title of a literal, a table, a cold part. */
  readonly of: string;
  /** What the line stands for; a `fact` has no bytes. */
  readonly shows: 'instruction' | 'entry' | 'bytes' | 'fact';
  /** Bytes from the start of what `of` names. */
  readonly at: number;
  /** Hexadecimal, a space between bytes; '' for a line that stands for no bytes. */
  readonly bytes: string;
  /** The instruction in AT&T syntax, the entry decoded, the literal quoted. */
  readonly text: string;
  /** `+0x20 R_X86_64_PLT32 printk`, one relocation each. */
  readonly refs: readonly string[];
  /** The other side has no such line. */
  readonly differs: boolean;
}

/** A few lines of one side, in order. */
export type CodeExcerpt = readonly ExcerptLine[];

/** A function that does something else now, and why one can say so. */
export interface ChangedFunction {
  /** Its symbol. */
  readonly name: string;
  /** Text of the STT_FILE symbol of a local function, '' for a global one: names alone may occur twice. */
  readonly sourceFile: string;
  /** What differs first; README.md has the table. */
  readonly kind: ChangeKind;
  /** One line. */
  readonly reason: string;
  /** The first difference with what stands around it; null where there is nothing to show. */
  readonly orig: CodeExcerpt | null;
  /** The same place on the patched side. */
  readonly patched: CodeExcerpt | null;
  /** What differs as well and does not count: line numbers of bug frames, numbers that the compiler gave. */
  readonly modulo: readonly string[];
}

/** A line of a function that is shown whole. */
export interface ExplainedLine {
  /** On both sides, in the original only, in the patched only. */
  readonly side: 'both' | 'orig' | 'patched';
  /** Bytes from the start of the original function; null for a line that it has not. */
  readonly origAt: number | null;
  /** The same of the patched one. */
  readonly patchedAt: number | null;
  /** Of the patched side for lines of both. */
  readonly bytes: string;
  /** The instruction in AT&T syntax. */
  readonly text: string;
  /** Its relocations, as in ExcerptLine. */
  readonly refs: readonly string[];
  /** Entries of special sections that describe the instruction, decoded. */
  readonly entries: readonly string[];
}

/** A function shown whole, both sides aligned. */
export interface ExplainedFunction {
  /** The object that has it. */
  readonly object: string;
  /** Its symbol. */
  readonly name: string;
  /** Text of the STT_FILE symbol of a local function; empty for a global one. */
  readonly sourceFile: string;
  /** What became of it. */
  readonly verdict: 'changed' | 'unchanged' | 'new' | 'removed';
  /** Of changed functions. */
  readonly kind: ChangeKind | null;
  /** One line; empty for a function that did not change. */
  readonly reason: string;
  /** What differs and does not count. */
  readonly modulo: readonly string[];
  /** All of it, both sides aligned. */
  readonly lines: readonly ExplainedLine[];
  /** What differs outside the function and makes lines differ that read alike: tables, fixups, the cold part. */
  readonly elsewhere: {
    /** On the original side. */
    readonly orig: CodeExcerpt;
    /** On the patched side. */
    readonly patched: CodeExcerpt;
  };
}
