/** Subjects of reports that no compiler made: large ones, and ones whose names are meant to do harm. */
import { readFileSync } from 'node:fs';
import type { ExplainedFunction, ExplainedLine } from '../../src/model/explanation.js';
import type { ReportSubject } from '../../src/report/html/subject.js';

/** The script of reports. */
export const SCRIPT = readFileSync(
  new URL('../../src/report/html/browser/explore.js', import.meta.url),
  'utf8',
);

/** Names that end elements, attributes and scripts, drive terminals, and turn the direction of writing. */
export const HOSTILE = `</script><script>alert(1)</script>"'><img src=x onerror=alert(2)>\u202egnp.\u001b[31m\u0000`;

export function explained(name: string, lines: number): ExplainedFunction {
  return {
    object: 'common/x.o',
    name,
    sourceFile: '',
    verdict: 'changed',
    kind: 'code',
    reason: `\`${name}\` is gone at +0x1`,
    modulo: [],
    lines: Array.from({ length: lines }, (_, k): ExplainedLine => ({
      side: k % 97 === 0 ? 'orig' : k % 97 === 1 ? 'patched' : 'both',
      origAt: k % 97 === 1 ? null : k * 5,
      patchedAt: k % 97 === 0 ? null : k * 5,
      bytes: 'e8 00 00 00 00',
      text: `call ${name}`,
      refs: [`+0x${(k * 5).toString(16)} R_X86_64_PLT32 ${name}`],
      entries: [],
    })),
    elsewhere: { orig: [], patched: [] },
  };
}

export function subjectWith(functions: readonly ExplainedFunction[], name: string): ReportSubject {
  const included = functions.map((one) => ({
    object: one.object,
    name: one.name,
    kind: 'function',
    size: one.lines.length * 5,
    reason: 'changed' as const,
    chain: [],
  }));
  return {
    version: '0',
    path: `out/${name}`,
    document: {
      schema: 'xsplice-build/build/2',
      payload: {
        path: `out/${name}`,
        size: 1,
        build_id: 'aa',
        depends: 'bb',
        xen_depends: 'cc',
        functions: included.map((one) => ({ name: one.name, old_size: one.size, new_size: one.size })),
        included,
      },
      manifest: null,
      base: null,
      plan: null,
      validation: null,
      source: null,
      objects: [],
      explained: [],
      diagnostics: [
        { code: 'XS709', severity: 'note', message: name, at: { object: name }, notes: [name], hint: name },
      ],
    },
    functions,
    hunks: [{ file: name, lines: ['@@ -1 +1 @@', `-${name}`, '+x'], functions: [] }],
    hasSource: true,
    nodes: included.map(({ name: title, kind, size, reason, object }) => ({
      name: title,
      kind,
      size,
      reason,
      object,
    })),
    edges: [],
    entries: [{ section: name, of: name, says: name }],
    payload: undefined,
    inputs: [{ what: name, path: name, sha256: name }],
  };
}
