/**
 * Decides, with the types as tsc sees them, whether a type is plain readonly data: what can be posted to a thread,
 * dumped, compared, and never changed by the pass that reads it.
 *
 *   plain      undefined, null, boolean, number, bigint, string and literals of them; typed arrays;
 *              readonly arrays and tuples, ReadonlyMap and ReadonlySet of plain types;
 *              interfaces and object types whose properties are readonly and plain; unions and intersections
 *   not plain  classes, functions and methods, mutable properties, arrays, maps and sets, any, unknown, object,
 *              other types of the library (Date, Promise, Error, …)
 *
 * Typed arrays are the exception to "readonly": TypeScript has no readonly form of them. That nobody writes to
 * the columns of an artifact is for tests to show.
 */
import type { Project } from '@ts-morph/bootstrap';
import { createProjectSync, ts } from '@ts-morph/bootstrap';
import { join } from 'node:path';
import { ROOT } from './house.js';

/** A program over files of the project, or over texts made up for a test. */
export function programOf(
  paths: readonly string[],
  texts: Readonly<Record<string, string>> = {},
): ts.Program {
  const project: Project = createProjectSync({
    tsConfigFilePath: join(ROOT, 'tsconfig.json'),
    skipAddingFilesFromTsConfig: true,
  });
  for (const [path, text] of Object.entries(texts)) project.createSourceFile(join(ROOT, path), text);
  project.addSourceFilesByPathsSync(paths.map((path) => join(ROOT, path)));
  project.resolveSourceFileDependencies();
  return project.createProgram();
}

/** Complaints about the types that `path` exports, or those of them that extend `base`. */
export function plainDataComplaints(program: ts.Program, path: string, base?: string): string[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(join(ROOT, path));
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  if (module === undefined) return [];
  const judge = new Judge(checker);
  for (const symbol of checker.getExportsOfModule(module)) {
    const declared = symbol.declarations?.find(
      (d) => d.getSourceFile() === file && (ts.isInterfaceDeclaration(d) || ts.isTypeAliasDeclaration(d)),
    );
    if (declared === undefined) continue;
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    if (base === undefined || hasBase(type, base)) judge.check(type, symbol.name);
  }
  return judge.complaints.map((complaint) => `${path}: ${complaint}`);
}

function hasBase(type: ts.Type, base: string): boolean {
  return (type.getBaseTypes() ?? []).some((b) => b.symbol.name === base || hasBase(b, base));
}

const PRIMITIVES =
  ts.TypeFlags.StringLike |
  ts.TypeFlags.NumberLike |
  ts.TypeFlags.BigIntLike |
  ts.TypeFlags.BooleanLike |
  ts.TypeFlags.Undefined |
  ts.TypeFlags.Null;

const TYPED_ARRAY = /^(Big)?(Ui|I)nt(8|16|32|64)Array$|^Float(32|64)Array$/;
const CONTAINERS = new Set(['ReadonlyMap', 'ReadonlySet', 'ReadonlyArray']);

class Judge {
  readonly complaints: string[] = [];
  private readonly seen = new Set<ts.Type>();

  constructor(private readonly checker: ts.TypeChecker) {}

  /** `at` is how one gets to the type: `ObjectPairs.pairs[].orig`. */
  check(type: ts.Type, at: string): void {
    if ((type.flags & PRIMITIVES) !== 0 || this.seen.has(type)) return;
    this.seen.add(type);
    if (type.isUnionOrIntersection()) for (const part of type.types) this.check(part, at);
    else if ((type.flags & ts.TypeFlags.TypeParameter) !== 0)
      this.check(type.getConstraint() ?? this.checker.getUnknownType(), at);
    else if ((type.flags & ts.TypeFlags.Object) === 0)
      this.complain(at, `${this.checker.typeToString(type)} may be anything`);
    else this.checkObject(type, at);
  }

  private checkObject(type: ts.Type, at: string): void {
    if (this.checker.isTupleType(type) || this.checker.isArrayType(type)) return this.checkArray(type, at);
    const { name } = type.symbol;
    if (this.isForeign(type)) {
      if (CONTAINERS.has(name)) this.argumentsOf(type).forEach((inner) => this.check(inner, `${at}[]`));
      else if (!TYPED_ARRAY.test(name) && !this.isMapped(type))
        this.complain(at, `${name} is a type of a library, not plain data`);
      if (!this.isMapped(type)) return;
    }
    if (type.isClass()) return this.complain(at, `${name} is a class`);
    if (type.getCallSignatures().length + type.getConstructSignatures().length > 0)
      return this.complain(at, 'is a function');
    for (const info of this.checker.getIndexInfosOfType(type)) {
      if (!info.isReadonly) this.complain(at, 'its index signature is not readonly');
      this.check(info.type, `${at}[]`);
    }
    for (const property of this.checker.getPropertiesOfType(type)) this.checkProperty(type, property, at);
  }

  private checkArray(type: ts.Type, at: string): void {
    const { target } = type as ts.TupleTypeReference;
    const readonly = this.checker.isTupleType(type) ? target.readonly : type.symbol.name === 'ReadonlyArray';
    if (!readonly) this.complain(at, `${this.checker.typeToString(type)} is not readonly`);
    this.argumentsOf(type).forEach((inner) => this.check(inner, `${at}[]`));
  }

  private checkProperty(owner: ts.Type, property: ts.Symbol, at: string): void {
    const path = `${at}.${property.name}`;
    const where = property.valueDeclaration ?? property.declarations?.at(0);
    if ((property.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor)) !== 0)
      return this.complain(path, 'is a method');
    const readonly =
      owner.aliasSymbol?.name === 'Readonly' ||
      (where !== undefined && (ts.getCombinedModifierFlags(where) & ts.ModifierFlags.Readonly) !== 0);
    if (!readonly) this.complain(path, 'is not readonly');
    this.check(
      where === undefined
        ? this.checker.getTypeOfSymbol(property)
        : this.checker.getTypeOfSymbolAtLocation(property, where),
      path,
    );
  }

  private argumentsOf(type: ts.Type): readonly ts.Type[] {
    return this.checker.getTypeArguments(type as ts.TypeReference);
  }

  /** `Readonly<Record<…>>` and the like: declared in the library, made of our types. */
  private isMapped(type: ts.Type): boolean {
    return ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Mapped) !== 0;
  }

  private isForeign(type: ts.Type): boolean {
    const declarations = type.symbol.declarations ?? [];
    return declarations.some((d) => /\/node_modules\/|\/lib\.[^/]*\.d\.ts$/.test(d.getSourceFile().fileName));
  }

  private complain(at: string, what: string): void {
    this.complaints.push(
      `${at} ${what.startsWith('is') || what.startsWith('its') ? '' : 'is no data: '}${what}`,
    );
  }
}
