/** Passes of users in a folder of their own, and the bundled example as what they are asked about. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { UserCode } from '../../src/user/user-code.js';
import { GOLDEN } from './golden.js';

/** The documented passes. */
export const DOCUMENTED = fileURLToPath(new URL('../../../docs/passes/', import.meta.url));

export const EXAMPLE = join(GOLDEN, 'example');

/** Arguments of `build` for the bundled example, or for a copy of it. */
export function exampleObjects(example: string): readonly string[] {
  const inside = (name: string): string => join(example, name);
  return ['--orig', inside('orig'), '--patched', inside('patched'), '--xen-syms', inside('mini-syms')];
}

export const EXAMPLE_OBJECTS: readonly string[] = exampleObjects(EXAMPLE);

export interface PassFolder {
  readonly path: string;
  /** Writes a file below it, and gives its path. */
  readonly write: (name: string, text: string) => string;
  readonly remove: () => void;
}

export function passFolder(): PassFolder {
  const path = mkdtempSync(join(tmpdir(), 'user-passes-'));
  return {
    path,
    write: (name, text) => {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The text of a pass with this body. */
export function passText(name: string, body: string, after = 'select-changed'): string {
  return `import { definePass } from 'xsplice-build/config';
export default definePass({
  name: '${name}',
  after: '${after}',
  run(view, ctx) {
    ${body}
  },
});
`;
}

export interface Opened {
  readonly code: UserCode | undefined;
  readonly found: Diagnostic[];
}

/** Opens files; a call may take two seconds unless it is said. */
export async function openFiles(
  files: readonly string[],
  settings: Partial<Parameters<typeof UserCode.open>[0]> = {},
): Promise<Opened> {
  const found: Diagnostic[] = [];
  const code = await UserCode.open(
    { files, cacheDir: undefined, signal: undefined, timeout: 2000, ...settings },
    (one) => void found.push(one),
  );
  return { code, found };
}

/** What a file with one pass says to an empty selection. */
export async function heard(
  file: string,
  settings: Partial<Parameters<typeof UserCode.open>[0]> = {},
): Promise<Opened & { readonly said: unknown }> {
  const { code, found } = await openFiles([file], settings);
  const [part] = code?.partsAt('select-changed') ?? [];
  const said = code && part && (await code.ask(part, { functions: [] }, (one) => void found.push(one)));
  code?.close();
  return { code, found, said };
}
