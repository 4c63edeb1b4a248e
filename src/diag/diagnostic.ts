/**
 * A diagnostic is what the tool says to its user: a code that can be looked up, a sentence, the place, the
 * context that makes it believable, and what to do. Diagnostics are values. They cross worker boundaries and
 * are collected by the pipeline; nothing throws them. A thrown error is a bug of this tool.
 */
import { DIAGNOSTIC_CODES } from './codes.js';
import type { DiagnosticCode } from './codes.js';

export type Severity = 'error' | 'warning' | 'note';

/** Where in the inputs a diagnostic points. Every part is optional; `section_offset` and `length` are bytes. */
export interface Location {
  /** Path of the object, image, patch or payload, as the user would name it. */
  readonly object?: string;
  readonly section?: string;
  /** Byte offset inside `section`, or inside the file when there is no section. */
  readonly section_offset?: number;
  readonly length?: number;
  readonly symbol?: string;
  /** One-based line of a text file (patch, source, configuration). */
  readonly line?: number;
}

export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly at?: Location;
  /** Lines shown under the location as they are: a disassembled instruction, a hunk of a patch. */
  readonly frame?: readonly string[];
  readonly notes: readonly string[];
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
