/**
 * Diagnostics as a SARIF log (OASIS SARIF 2.1.0), which code-scanning pages read. By hand: the format is JSON, and
 * what is needed of it is little.
 *
 *   rule       a diagnostic code: its title, its long text, its severity
 *   result     a diagnostic; notes, the frame and the hint are lines of its message
 *   location   of patches, sources and configurations: file and line (physical)
 *              of objects, images and payloads: the file (physical), and object, section and symbol (logical);
 *              lines and columns do not exist there, offsets of sections are no offsets of the file
 *
 * Pages refuse a result without a file, so one that points nowhere points at `subject`: what the run was about.
 * Nothing in a log depends on the time or the machine.
 */
import { createHash } from 'node:crypto';
import { DIAGNOSTIC_CODES } from '../diag/codes.js';
import type { DiagnosticCode } from '../diag/codes.js';
import type { Diagnostic, Location } from '../diag/diagnostic.js';
import { printableName } from '../diag/printable.js';

export interface SarifContext {
  /** Version of this tool. */
  readonly version: string;
  /** The exit code of the run. */
  readonly exitCode: number;
  /** Path that stands for the run as a whole: the payload, the patch. */
  readonly subject: string;
}

export interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly object[];
}

/** The log of one run. Equal diagnostics make one result; their order stays. */
export function sarifLog(diagnostics: readonly Diagnostic[], context: SarifContext): SarifLog {
  const distinct = [...new Map(diagnostics.map((found) => [JSON.stringify(found), found])).values()];
  const codes = [...new Set(distinct.map(({ code }) => code))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'xsplice-build',
            version: context.version,
            semanticVersion: context.version,
            rules: codes.map(ruleOf),
          },
        },
        invocations: [{ executionSuccessful: context.exitCode !== 70, exitCode: context.exitCode }],
        columnKind: 'utf16CodeUnits',
        results: distinct.map((found) => resultOf(found, codes.indexOf(found.code), context)),
      },
    ],
  };
}

function ruleOf(code: DiagnosticCode): object {
  const { severity, title, text } = DIAGNOSTIC_CODES[code];
  return {
    id: code,
    shortDescription: { text: title },
    fullDescription: { text },
    help: { text: `${text}\nxsplice-build explain ${code} shows this, too.` },
    defaultConfiguration: { level: severity },
  };
}

function resultOf(found: Diagnostic, ruleIndex: number, { subject }: SarifContext): object {
  const { code, severity, at } = found;
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: messageOf(found) },
    locations: [locationOf(at, subject)],
    partialFingerprints: { 'xspliceBuild/v1': fingerprint(found) },
  };
}

function messageOf({ message, frame = [], notes, hint }: Diagnostic): string {
  return [
    message,
    ...frame.map((line) => `    ${line}`),
    ...notes.map((note) => `note: ${note}`),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ].join('\n');
}

function locationOf(at: Location | undefined, subject: string): object {
  const logical = at === undefined ? [] : logicalOf(at);
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(at?.object ?? subject) },
      ...(at !== undefined && regionOf(at)),
    },
    ...(logical.length > 0 && { logicalLocations: logical }),
  };
}

/** A line of a text, or bytes of a file; an offset in a section is neither. */
function regionOf({ line, section, section_offset: sectionOffset, length }: Location): object {
  if (line !== undefined && line >= 1) return { region: { startLine: line } };
  if (section !== undefined || sectionOffset === undefined) return {};
  return { region: { byteOffset: sectionOffset, ...(length !== undefined && { byteLength: length }) } };
}

/** The section, and what lies there: `common/x.o:(.text.f+0x10)`. */
function logicalOf({ object = '', section, section_offset: sectionOffset, symbol }: Location): object[] {
  const found: object[] = [];
  if (section !== undefined) {
    const name = `${printableName(section)}${sectionOffset === undefined ? '' : `+0x${sectionOffset.toString(16)}`}`;
    found.push({ name, fullyQualifiedName: `${printableName(object)}:(${name})`, kind: 'module' });
  }
  if (symbol !== undefined) {
    const name = printableName(symbol);
    found.push({ name, fullyQualifiedName: `${printableName(object)}: ${name}`, kind: 'function' });
  }
  return found;
}

/** A path as a URI reference: relative to where the command ran, or with `file://`. */
function uriOf(path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  if (path.startsWith('/')) return `file://${encoded}`;
  // A colon is encoded, so a relative path never looks like a scheme.
  return encoded === '' ? '.' : encoded;
}

/** Stays the same when only offsets move, so that a page knows a result again. */
function fingerprint({ code, message, at }: Diagnostic): string {
  const parts = [code, message, at?.object ?? '', at?.section ?? '', at?.symbol ?? ''];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
