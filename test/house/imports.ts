/**
 * Who imports whom: every way in which a file names a module (import, export from, import(), createRequire,
 * typeof import), with paths resolved to files of the project, and the graphs that rules are stated on.
 */
import { posix } from 'node:path';
import { ts } from '@ts-morph/bootstrap';
import type { Source } from './house.js';
import { walk } from './house.js';

export interface Import {
  /** `src/elf/read.ts` for files of the project, the specifier itself for packages and node:… */
  readonly target: string;
  /** False when tsc drops the import: nothing is loaded at run time. */
  readonly isType: boolean;
  /** True for `import()`: loaded when the line runs, not with the file. */
  readonly isLazy: boolean;
  readonly node: ts.Node;
}

/** All imports of a file, in its order. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, node: ts.Node, isType: boolean, isLazy = false): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    found.push({ target: resolve(source.path, specifier.text), isType, isLazy, node });
  };
  walk(source.tree, (node) => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, node, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments.at(0), node, false, true);
    else if (ts.isCallExpression(node) && isRequire(node.expression)) add(node.arguments.at(0), node, false);
  });
  return found;
}

/** `require(…)` and `createRequire(…)(…)`. */
function isRequire(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'require';
  return (
    ts.isCallExpression(callee) &&
    ts.isIdentifier(callee.expression) &&
    callee.expression.text === 'createRequire'
  );
}

function resolve(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return posix.normalize(posix.join(posix.dirname(from), specifier)).replace(/\.js$/, '.ts');
}

/** The package or built-in module that a specifier belongs to: `@scope/name/part` -> `@scope/name`. */
export function packageOf(target: string): string {
  const parts = target.split('/');
  return parts.slice(0, target.startsWith('@') ? 2 : 1).join('/');
}

export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** File -> files of the project that it imports, among those that `wanted` lets through. */
export function fileGraph(
  sources: readonly Source[],
  wanted: (found: Import) => boolean = () => true,
): Graph {
  return new Map(
    sources.map((source) => [
      source.path,
      new Set(
        importsOf(source)
          .filter(wanted)
          .map((found) => found.target)
          .filter((target) => target.endsWith('.ts')),
      ),
    ]),
  );
}

/** Everything that can be reached from `roots`, the roots included. */
export function reachable(graph: Graph, roots: Iterable<string>): Set<string> {
  const reached = new Set<string>();
  const waiting = [...roots];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    waiting.push(...(graph.get(next) ?? []));
  }
  return reached;
}

/** Groups of two and more nodes that all reach each other, each sorted. */
export function cyclesOf(graph: Graph): string[][] {
  const reach = new Map([...graph.keys()].map((node) => [node, reachable(graph, graph.get(node) ?? [])]));
  const cycles = new Map<string, string[]>();
  for (const [node, reached] of reach) {
    if (!reached.has(node)) continue;
    const group = [...reached].filter((other) => reach.get(other)?.has(node) === true).sort();
    if (group.length > 1) cycles.set(group.join(' '), group);
  }
  return [...cycles.values()].sort();
}
