/**
 * A diagnostic is what the tool says to its user: a code that can be looked up, a sentence, the place, the
 * context that makes it believable, and what to do. Diagnostics are values. They cross worker boundaries and
 * are collected by the pipeline; nothing throws them. A thrown error is a bug of this tool.
 */
import { DIAGNOSTIC_CODES } from './codes.js';
import type { DiagnosticCode } from './codes.js';

/** An `error` means that nothing was made; a `warning` that the user should decide; a `note` that something was settled. */
export type Severity = 'error' | 'warning' | 'note';

/** Where in the inputs a diagnostic points. Every part is optional; `section_offset` and `length` are bytes. */
export interface Location {
  /** Path of the object, image, patch or payload, as the user would name it. */
  readonly object?: string;
  /** Name of a section of `object`. */
  readonly section?: string;
  /** Byte offset inside `section`, or inside the file when there is no section. */
  readonly section_offset?: number;
  /** Bytes from `section_offset` on that it is about. */
  readonly length?: number;
  /** Name of the function or object. */
  readonly symbol?: string;
  /** One-based line of a text file (patch, source, configuration). */
  readonly line?: number;
}

/** One thing that is said about the input. Plain data. */
export interface Diagnostic {
  /** What it is, for programs. */
  readonly code: DiagnosticCode;
  /** Decided by the code. */
  readonly severity: Severity;
  /** One sentence without a full stop. Names from files in it are escaped. */
  readonly message: string;
  /** The place in the input; absent when it is about the whole. */
  readonly at?: Location;
  /** Lines shown under the location as they are: a disassembled instruction, a hunk of a patch. */
  readonly frame?: readonly string[];
  /** More facts, a line each. */
  readonly notes: readonly string[];
  /** What the user can do. */
  readonly hint?: string;
}

export interface DiagnosticDetails {
  readonly message: string;
  readonly at?: Location;
  readonly frame?: readonly string[];
  readonly notes?: readonly string[];
  readonly hint?: string;
}

/** Makes the diagnostic of a code; its severity comes from the table in codes.ts. */
export function diagnostic(code: DiagnosticCode, details: DiagnosticDetails): Diagnostic {
  return { notes: [], ...details, code, severity: DIAGNOSTIC_CODES[code].severity };
}

/** Where passes and readers send diagnostics. */
export type Report = (found: Diagnostic) => void;

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}
