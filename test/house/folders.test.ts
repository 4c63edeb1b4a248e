/**
 * The graph of folders: every edge is declared in folder-edges.ts, every cycle of folders too, and files form
 * no cycle at all. So a reader can start at the top of that table and never meet a name that comes later.
 */
import { describe, expect, test } from '@jest/globals';
import { demand, sample, sourcesUnder } from './house.js';
import { DECLARED_CYCLES, FOLDER_EDGES } from './folder-edges.js';
import { cyclesOf, fileGraph } from './imports.js';
import type { Graph } from './imports.js';

/** `src/elf/read.ts` -> `src/elf`, `src/cli.ts` -> `src/cli.ts`, `passes/parse-elf.ts` -> `passes`. */
function folderOf(path: string): string {
  const [top, next] = path.split('/');
  return top === 'src' ? `${top}/${next}` : top;
}

function folderGraph(files: Graph): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [path, targets] of files) {
    const from = folderOf(path);
    const edges = graph.get(from) ?? new Set();
    for (const target of targets) if (folderOf(target) !== from) edges.add(folderOf(target));
    graph.set(from, edges);
  }
  return graph;
}

function edgeComplaints(graph: Graph): string[] {
  return [...graph].flatMap(([from, targets]) => {
    const declared = FOLDER_EDGES.find((row) => row.folder === from);
    if (declared === undefined) return [`${from} has no row`];
    return [...targets].filter((to) => !declared.imports.includes(to)).map((to) => `${from} imports ${to}`);
  });
}

function cycleComplaints(graph: Graph): string[] {
  const declared = DECLARED_CYCLES.map((cycle) => cycle.folders.join(' '));
  return cyclesOf(graph)
    .filter((cycle) => !declared.includes(cycle.join(' ')))
    .map((cycle) => `${cycle.join(' <-> ')} import each other`);
}

const PRODUCT = sourcesUnder('src', 'passes');
const IMPORTED = fileGraph(PRODUCT);
/** Types are no part of cycles: nothing waits for them when files are loaded. */
const LOADED = fileGraph(PRODUCT, (found) => !found.isType && !found.isLazy);

describe('folders', () => {
  test('import only what folder-edges.ts declares', () => {
    demand(
      edgeComplaints(folderGraph(IMPORTED)),
      'move the code to where it may know what it needs, or add the edge to test/house/folder-edges.ts and its reason to `why`',
    );
  });

  test('form no cycles but the declared ones', () => {
    demand(
      cycleComplaints(folderGraph(LOADED)),
      'move what both need into a folder above them, or declare the cycle in test/house/folder-edges.ts with the reason',
    );
  });

  test('declared cycles exist', () => {
    const found = cyclesOf(folderGraph(LOADED)).map((cycle) => cycle.join(' '));
    demand(
      DECLARED_CYCLES.map((cycle) => cycle.folders.join(' ')).filter((cycle) => !found.includes(cycle)),
      'remove the row from DECLARED_CYCLES: the cycle is gone',
    );
  });

  test('files load each other in no cycle', () => {
    demand(
      cyclesOf(LOADED).map((cycle) => cycle.join(' <-> ')),
      'move what both need into a file of its own, or import the type only',
    );
  });

  test('the rules see a new edge and a new cycle', () => {
    const files = [
      sample('src/elf/read.ts', "import { x } from '../qemu/machine.js';"),
      sample('src/qemu/machine.ts', "import { y } from '../elf/read.js';"),
      sample('src/novel/thing.ts', ''),
    ];
    const graph = folderGraph(fileGraph(files));
    expect(edgeComplaints(graph)).toEqual([
      'src/elf imports src/qemu',
      'src/qemu imports src/elf',
      'src/novel has no row',
    ]);
    expect(cycleComplaints(graph)).toEqual(['src/elf <-> src/qemu import each other']);
  });
});
