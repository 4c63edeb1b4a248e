/**
 * What a file in passes/ says about itself, twice: in the comment at its head, for people,
 *
 *   Reads: a. Makes: b. Assumes: …. Reports: XS301, XS302.         and, for passes that touch files, Effect: ….
 *
 * and in the constant that it exports, for the pipeline. The rules compare the two, and the table of passes in
 * src/README.md is made from the first.
 */
import { ts } from '@ts-morph/bootstrap';
import type { Source } from './house.js';

export interface PassFile {
  readonly path: string;
  /** The fields of the header by name, without the final full stop; undefined without a proper header. */
  readonly header: Readonly<Record<HeaderField, string>> | undefined;
  readonly effect: string | undefined;
  /** Every exported constant. A pass file has one. */
  readonly exported: readonly string[];
  /** Name of the type that the constant is declared with: `SerialPass`, …; '' without one. */
  readonly form: string;
  /** Names of the first two type arguments of that type. */
  readonly input: string;
  readonly output: string;
  /** The string properties of the constant. */
  readonly name: string;
  readonly reads: string;
  readonly makes: string;
}

export type HeaderField = 'Reads' | 'Makes' | 'Assumes' | 'Reports';

/** Forms of a pass that may touch files. */
export const EFFECT_FORMS: ReadonlySet<string> = new Set(['Feed']);

/** Forms of a pass; a Lane is made of passes and is none. */
export const PASS_FORMS: ReadonlySet<string> = new Set([...EFFECT_FORMS, 'SerialPass', 'ItemPass']);

const HEADER = /^Reads: (.+?)\. Makes: (.+?)\. Assumes: (.+?)\. Reports: (.+?)\.(?: Effect: (.+?)\.)?$/;

export function readPass(source: Source): PassFile {
  const constants = source.tree.statements
    .filter((statement) => ts.isVariableStatement(statement))
    .filter((statement) => statement.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword))
    .flatMap((statement) => [...statement.declarationList.declarations]);
  const exported = constants.map((constant) => constant.name.getText(source.tree));
  const pass = constants.at(0);
  const type = pass?.type !== undefined && ts.isTypeReferenceNode(pass.type) ? pass.type : undefined;
  const argument = (k: number): string => type?.typeArguments?.at(k)?.getText(source.tree) ?? '';
  const fields = HEADER.exec(headerText(source));
  return {
    path: source.path,
    header:
      fields === null
        ? undefined
        : { Reads: fields[1], Makes: fields[2], Assumes: fields[3], Reports: fields[4] },
    effect: fields?.at(5),
    exported,
    form: type?.typeName.getText(source.tree) ?? '',
    input: argument(0),
    output: argument(1),
    name: property(pass, 'name'),
    reads: property(pass, 'reads'),
    makes: property(pass, 'makes'),
  };
}

/** The text of the comment with which a file begins, on one line; '' without one. */
export function headerText(source: Source): string {
  const [first] = ts.getLeadingCommentRanges(source.text, shebangLength(source.text)) ?? [];
  if (first === undefined) return '';
  return source.text
    .slice(first.pos, first.end)
    .replace(/^\/\*+|\*\/$|^\/\//g, '')
    .replace(/^\s*\* ?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function shebangLength(text: string): number {
  return text.startsWith('#!') ? text.indexOf('\n') : 0;
}

function property(pass: ts.VariableDeclaration | undefined, name: string): string {
  if (pass?.initializer === undefined || !ts.isObjectLiteralExpression(pass.initializer)) return '';
  for (const member of pass.initializer.properties) {
    if (!ts.isPropertyAssignment(member) || member.name.getText() !== name) continue;
    return ts.isStringLiteral(member.initializer) ? member.initializer.text : '';
  }
  return '';
}

/** `loadObjects` and `LoadObjects` -> `load-objects`. */
export function kebab(name: string): string {
  return name
    .replace(/([A-Z])/g, '-$1')
    .replace(/^-/, '')
    .toLowerCase();
}

/** The codes that a header's Reports names, ranges (`XS301 to XS307`) spelt out over the codes that exist. */
export function reportedCodes(reports: string, existing: readonly string[]): string[] {
  const found = new Set(reports.match(/XS\d{3}/g) ?? []);
  for (const [, first, last] of reports.matchAll(/(XS\d{3}) to (XS\d{3})/g)) {
    for (const code of existing) if (code >= first && code <= last) found.add(code);
  }
  return [...found].sort();
}
