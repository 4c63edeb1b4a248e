/**
 * The JSON schema of a document, made from the type that the program itself writes it by: so the two cannot differ.
 *
 *   interface with a name      an entry of $defs, with what its comment says
 *   x?: T                      not required; undefined is never written
 *   readonly T[], tuples       array; Readonly<Record<K, T>> object with T for every other name
 *   literals, unions           enum, const, anyOf
 *
 * What JSON has no form for (bigint, maps, typed arrays, functions) throws: such a document could not be printed.
 * Draft 2020-12, https://json-schema.org/draft/2020-12/schema.
 */
import { ts } from '@ts-morph/bootstrap';
import { join } from 'node:path';
import { ROOT } from './house.js';

export type Schema = boolean | ObjectSchema;

interface ObjectSchema {
  readonly [key: string]: SchemaValue;
}
type SchemaValue = Schema | string | number | null | readonly SchemaValue[];

/** The schema of type `name` of the file at `path`. */
export function schemaOf(program: ts.Program, path: string, name: string, schema: string): Schema {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(join(ROOT, path));
  const module = file && checker.getSymbolAtLocation(file);
  const symbol = module && checker.getExportsOfModule(module).find((one) => one.name === name);
  if (symbol === undefined) throw new Error(`${path} has no ${name}`);
  const maker = new SchemaMaker(checker);
  const root = maker.object(checker.getDeclaredTypeOfSymbol(symbol), name);
  const defs = Object.fromEntries([...maker.defs].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: schema, ...root, $defs: defs };
}

class SchemaMaker {
  readonly defs = new Map<string, ObjectSchema>();
  private readonly named = new Map<ts.Type, string>();

  constructor(private readonly checker: ts.TypeChecker) {}

  /** `at` is how one gets there, for complaints. */
  private of(type: ts.Type, at: string): Schema {
    const { flags } = type;
    if ((flags & ts.TypeFlags.Null) !== 0) return { type: 'null' };
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if ((flags & ts.TypeFlags.BooleanLiteral) !== 0)
      return { const: this.checker.typeToString(type) === 'true' };
    if ((flags & ts.TypeFlags.Boolean) !== 0) return { type: 'boolean' };
    if ((flags & ts.TypeFlags.StringLike) !== 0) return { type: 'string' };
    if ((flags & ts.TypeFlags.Number) !== 0) return { type: 'number' };
    if (type.isUnion()) return this.union(type, at);
    if (this.checker.isTupleType(type)) {
      const items = this.checker.getTypeArguments(type as ts.TypeReference);
      return {
        type: 'array',
        prefixItems: items.map((item) => this.of(item, `${at}[]`)),
        minItems: items.length,
        items: false,
      };
    }
    if (this.checker.isArrayType(type)) {
      const [item] = this.checker.getTypeArguments(type as ts.TypeReference);
      return { type: 'array', items: this.of(item, `${at}[]`) };
    }
    if ((flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0) return this.reference(type, at);
    throw new Error(`${at} has no form in JSON: ${this.checker.typeToString(type)}`);
  }

  private union({ types }: ts.UnionType, at: string): Schema {
    const present = types.filter((type) => (type.flags & ts.TypeFlags.Undefined) === 0);
    const isBoolean = (type: ts.Type): boolean => (type.flags & ts.TypeFlags.BooleanLiteral) !== 0;
    const literals = present.filter((type) => type.isStringLiteral() || type.isNumberLiteral());
    const values = literals.map(({ value }) => value);
    const rest = present.filter(
      (type) => !type.isStringLiteral() && !type.isNumberLiteral() && !isBoolean(type),
    );
    const parts: Schema[] = [
      ...(values.length > 1
        ? [{ enum: [...values].sort() }]
        : values.map((value): Schema => ({ const: value }))),
      ...(present.filter(isBoolean).length === 2
        ? [{ type: 'boolean' }]
        : present.filter(isBoolean).map((type) => this.of(type, at))),
      ...rest.map((type) => this.of(type, at)),
    ];
    return parts.length === 1 ? parts[0] : { anyOf: parts };
  }

  /** Interfaces with names are described once, wherever they are met. */
  private reference(type: ts.Type, at: string): Schema {
    const symbol = type.aliasSymbol ?? type.getSymbol();
    const isNamed =
      symbol !== undefined &&
      (symbol.flags & ts.SymbolFlags.Interface) !== 0 &&
      type.aliasTypeArguments === undefined;
    if (!isNamed) return this.object(type, at);
    const known = this.named.get(type);
    if (known !== undefined) return { $ref: `#/$defs/${known}` };
    const taken = new Set(this.named.values());
    let name = symbol.name;
    for (let k = 2; taken.has(name); k++) name = `${symbol.name}${String(k)}`;
    this.named.set(type, name);
    // Before its properties are gone through: it may contain itself.
    this.defs.set(name, {});
    this.defs.set(name, this.object(type, name));
    return { $ref: `#/$defs/${name}` };
  }

  object(type: ts.Type, at: string): ObjectSchema {
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const property of this.checker.getPropertiesOfType(type)) {
      const place = `${at}.${property.name}`;
      if ((property.flags & ts.SymbolFlags.Method) !== 0) throw new Error(`${place} is a method`);
      const found = this.of(this.checker.getTypeOfSymbol(property), place);
      const said = ts
        .displayPartsToString(property.getDocumentationComment(this.checker))
        .replace(/\s+/g, ' ');
      properties[property.name] =
        said === '' || typeof found === 'boolean' ? found : { description: said, ...found };
      if ((property.flags & ts.SymbolFlags.Optional) === 0) required.push(property.name);
    }
    const others = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    const symbol = type.aliasSymbol ?? type.getSymbol();
    const said =
      symbol === undefined || symbol.name.startsWith('__')
        ? ''
        : ts.displayPartsToString(symbol.getDocumentationComment(this.checker)).replace(/\s+/g, ' ');
    return {
      ...(said !== '' && (symbol?.flags ?? 0) & ts.SymbolFlags.Interface && { description: said }),
      type: 'object',
      ...(Object.keys(properties).length > 0 && { properties }),
      ...(required.length > 0 && { required }),
      ...(others !== undefined && { additionalProperties: this.of(others, `${at}[]`) }),
    };
  }
}

/** The same, refusing fields that it does not name: readers must expect new ones, tests must not meet any. */
export function closed(schema: SchemaValue): SchemaValue {
  if (Array.isArray(schema)) return schema.map((one: SchemaValue) => closed(one));
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]): [string, SchemaValue] => [key, closed(value)]);
  const known = Object.fromEntries(entries);
  const isObject = known['type'] === 'object' && known['additionalProperties'] === undefined;
  return isObject ? { ...known, additionalProperties: false } : known;
}
