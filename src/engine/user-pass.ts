/**
 * Compiles a pass of the user: checks it against the published types, and gives the JavaScript of it and of what it
 * imports. The only place where the product uses the TypeScript compiler, which takes a quarter of a second to load and
 * as much for a check: it is loaded when a pass is not in the cache, in a process of its own (src/user/).
 *
 * Nothing is read but the file, what it imports by relative paths, and the types; nothing is run.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import { createProjectSync, ts } from '@ts-morph/bootstrap';

/** The one name that a pass may import which is no path. */
export const PASS_API = 'xsplice-build/config';

export interface CompileRequest {
  /** Absolute path of the file that was named. */
  readonly entry: string;
  /** What its default export must be: the name of a type of the API. */
  readonly exports: 'PassExport' | 'ConfigurationExport';
  /** Absolute path of the declarations of PASS_API. */
  readonly types: string;
}

/** A module as it runs. Paths are absolute. */
export interface CompiledModule {
  /** Where it would lie: beside its source, as .js, .mjs or .json. */
  readonly path: string;
  readonly text: string;
  /** Source map, with the source in it; '' for JSON. */
  readonly map: string;
}

export interface CompiledPass {
  readonly entry: string;
  readonly modules: readonly CompiledModule[];
  /** All files that were read of the user's, with SHA-256 in hexadecimal; the entry is the first. */
  readonly inputs: readonly { readonly path: string; readonly sha256: string }[];
}

/** A complaint of the compiler. */
export interface CompileError {
  /** Absent when it concerns no file. */
  readonly file?: string;
  /** One-based. */
  readonly line: number;
  readonly column: number;
  /** Characters that are wrong, of the line. */
  readonly length: number;
  readonly source: string;
  /** Number of TypeScript's diagnostic; 0 for ours. */
  readonly code: number;
  readonly message: string;
}

export type Compilation = { readonly pass: CompiledPass } | { readonly errors: readonly CompileError[] };

const LARGEST_FILE = 1 << 20;
const MOST_FILES = 200;
/** A file that is not there, in which the type of the default export is asked for. */
const PROBE = '__probe__.ts';
const MODULES = '/node_modules/';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  strict: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  types: [],
  skipLibCheck: true,
  resolveJsonModule: true,
  allowImportingTsExtensions: true,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
  sourceMap: true,
  inlineSources: true,
};

/** Checks and compiles. Throws operating system errors for an entry that cannot be read. */
export function compileUserPass({ entry, exports, types }: CompileRequest): Compilation {
  const project = createProjectSync({
    compilerOptions: { ...OPTIONS, paths: { [PASS_API]: [types] } },
  });
  project.addSourceFileAtPathSync(entry);
  const probe = resolve(dirname(entry), PROBE);
  project.createSourceFile(
    probe,
    `import type { ${exports} } from '${PASS_API}';\nimport made from ${JSON.stringify(`./${basename(entry)}`)};\nexport const checked: ${exports} = made;\n`,
  );
  const program = project.createProgram();
  const own = program.getSourceFiles().filter((file) => isOwn(file, program, types, probe));
  const strangers = own.flatMap((file) => [...refusal(file, own.length), ...foreignImports(file)]);
  if (strangers.length > 0) return { errors: strangers };
  const found = ts.getPreEmitDiagnostics(program).map((d) => errorOf(d, entry, probe));
  if (found.length > 0) return { errors: inOrder(found) };
  return { pass: emit(program, own, entry, probe) };
}

/** Whether a file is the user's: no library of the language, no types of ours, not the probe. */
function isOwn(file: ts.SourceFile, program: ts.Program, types: string, probe: string): boolean {
  const { fileName } = file;
  if (fileName === probe || program.isSourceFileDefaultLibrary(file)) return false;
  // Our types are declarations, and so are those that they need.
  return !file.isDeclarationFile || !(fileName.startsWith(dirname(types)) || fileName.includes(MODULES));
}

function refusal({ fileName, text }: ts.SourceFile, files: number): CompileError[] {
  const why =
    text.length > LARGEST_FILE
      ? `the file has more than ${String(LARGEST_FILE >> 10)} KiB`
      : files > MOST_FILES
        ? `the pass imports more than ${String(MOST_FILES)} files`
        : undefined;
  if (why === undefined) return [];
  return [{ file: fileName, line: 1, column: 1, length: 0, source: '', code: 0, message: why }];
}

/** Imports of packages, and of what Node has: there is no such thing where passes run. */
function foreignImports(file: ts.SourceFile): CompileError[] {
  const found: CompileError[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isStringLiteral(node) &&
      (ts.isImportDeclaration(node.parent) ||
        ts.isExportDeclaration(node.parent) ||
        (ts.isCallExpression(node.parent) && node.parent.expression.kind === ts.SyntaxKind.ImportKeyword)) &&
      node.text !== PASS_API &&
      !/^\.\.?\//.test(node.text)
    ) {
      const message = `a pass cannot import '${node.text}'; it may import '${PASS_API}' and files by relative paths`;
      found.push(placed(file, node.getStart(file), node.getWidth(file), 0, message));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function errorOf(found: ts.Diagnostic, entry: string, probe: string): CompileError {
  const message = ts.flattenDiagnosticMessageText(found.messageText, '\n');
  const { file, start = 0, length = 0, code } = found;
  if (file === undefined) return { line: 1, column: 1, length: 0, source: '', code, message };
  if (file.fileName === probe) {
    const wrong = `the default export is not what it should be: ${message}`;
    return { file: entry, line: 1, column: 1, length: 0, source: '', code, message: wrong };
  }
  return placed(file, start, length, code, message);
}

function placed(
  file: ts.SourceFile,
  start: number,
  length: number,
  code: number,
  message: string,
): CompileError {
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  const starts = file.getLineStarts();
  const source = file.text.slice(starts[line], starts[line + 1] ?? file.text.length).replace(/\r?\n$/, '');
  return {
    file: file.fileName,
    line: line + 1,
    column: character + 1,
    length: Math.max(1, Math.min(length, source.length - character)),
    source,
    code,
    message,
  };
}

/** By file and place; what follows from the same is said once. */
function inOrder(errors: readonly CompileError[]): CompileError[] {
  const key = ({ file = '', line, column, message }: CompileError): string =>
    `${file}:${String(line).padStart(8)}:${String(column).padStart(8)}:${message}`;
  const sorted = [...errors].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return sorted.filter((error, k) => k === 0 || key(error) !== key(sorted[k - 1]));
}

function emit(
  program: ts.Program,
  own: readonly ts.SourceFile[],
  entry: string,
  probe: string,
): CompiledPass {
  const texts = new Map<string, string>();
  program.emit(undefined, (path, text) => void texts.set(path, text));
  const running = own.filter((file) => !file.isDeclarationFile);
  const modules = running.map((file): CompiledModule => {
    if (file.fileName.endsWith('.json')) return { path: file.fileName, text: file.text, map: '' };
    const path = file.fileName.replace(/\.(m?)ts$/, '.$1js');
    const [text, map] = [texts.get(path), texts.get(`${path}.map`)];
    if (text === undefined || map === undefined || path === probe) throw new Error(`${path} was not emitted`);
    return { path, text: text.replace(/\/\/# sourceMappingURL=.*\s*$/, ''), map };
  });
  const first = (file: ts.SourceFile): number => (file.fileName === entry ? 0 : 1);
  const inputs = [...own]
    .sort((a, b) => first(a) - first(b) || (a.fileName < b.fileName ? -1 : 1))
    .map(({ fileName, text }) => ({ path: fileName, sha256: sha256(text) }));
  return { entry: entry.replace(/\.(m?)ts$/, '.$1js'), modules, inputs };
}

/** Hash of a file of the user's as it is compared: of its text, without a byte order mark. */
export function sha256(text: string): string {
  return createHash('sha256')
    .update(text.replace(/^\ufeff/, ''))
    .digest('hex');
}
