/**
 * Golden texts: what a reviewer has read and accepted, one file each under golden/.
 *
 * A test compares with expectGolden; a missing file fails. With XSPLICE_BLESS=1 (`make bless`) the files are
 * written instead, and the reviewer reads their diff. Nothing else under golden/ may lie about: each file is
 * either read by a test or an input of one, and CLAIMS says which; test/golden/orphans.test.ts holds it to that.
 */
import { strict as assert } from 'node:assert';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder golden/ of the repository; compiled tests lie in dist/test. */
export const GOLDEN = fileURLToPath(new URL('../../../golden/', import.meta.url));

const BLESSING = process.env['XSPLICE_BLESS'] === '1';

/** Compares a text with golden/PATH, or writes it there when blessing. */
export function expectGolden(path: string, text: string): void {
  const file = join(GOLDEN, path);
  if (BLESSING) {
    mkdirSync(dirname(file), { recursive: true });
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
    return;
  }
  if (!existsSync(file)) {
    throw new Error(
      `golden/${path} is missing: run \`make bless\`, read what it wrote, and commit it. It would be:\n${text}`,
    );
  }
  assert.equal(
    text,
    readFileSync(file, 'utf8'),
    `golden/${path} differs; if the change is meant: \`make bless\``,
  );
}

/** Who reads a file under golden/: a pattern for its path, and the test or script that it belongs to. */
export interface Claim {
  readonly pattern: RegExp;
  readonly by: string;
}

const CASE = 'cases/[a-z0-9-]+';
const RULE = 'corpus/[a-z0-9-]+';
export const CLAIMS: readonly Claim[] = [
  { pattern: /^example\/(src|orig|patched)\/[a-z]+\.(c|h|o)$/, by: 'xsplice-build demo' },
  {
    pattern: /^example\/(fix\.patch|scenario\.json|mini-syms|mini\.lds|make\.sh)$/,
    by: 'xsplice-build demo',
  },
  { pattern: /^example\/demo\.txt$/, by: 'test/golden/example.test.ts' },
  { pattern: /^cases\/(make\.sh|case\.h|case\.lds|stubs\.S)$/, by: 'golden/cases/make.sh' },
  { pattern: new RegExp(`^${CASE}/(orig|patched)(-[a-z]+)?\\.[cS]$`), by: 'golden/cases/make.sh' },
  { pattern: new RegExp(`^${CASE}/(no-image|image-only\\.S|image\\.lds)$`), by: 'golden/cases/make.sh' },
  { pattern: new RegExp(`^${CASE}/(orig|patched)(-[a-z]+)?\\.o$`), by: 'test/golden/cases.test.ts' },
  { pattern: new RegExp(`^${CASE}/(image|case\\.json)$`), by: 'test/golden/cases.test.ts' },
  { pattern: new RegExp(`^${CASE}/(diff|payload|diagnostics)\\.txt$`), by: 'test/golden/cases.test.ts' },
  {
    pattern: /^worked\/xsa-\d+(\.json|-(plan|trampoline|callers|in-place)\.txt)$/,
    by: 'test/golden/worked-examples.test.ts',
  },
  { pattern: /^corpus\/(make\.sh|corpus\.h|README\.md)$/, by: 'golden/corpus/make.sh' },
  {
    pattern: new RegExp(`^${RULE}/((orig|patched)(-[a-z]+)?|both-[a-z]+)\\.[cS]$`),
    by: 'golden/corpus/make.sh',
  },
  {
    pattern: new RegExp(`^${RULE}/(gcc|clang)(-[A-Za-z0-9]+)*\\.(orig|patched)\\.o$`),
    by: 'test/golden/corpus.test.ts',
  },
  { pattern: new RegExp(`^${RULE}/verdict\\.txt$`), by: 'test/golden/corpus.test.ts' },
  { pattern: /^report\/example\.txt$/, by: 'test/src/report/html/page.test.ts' },
  { pattern: /^explain\/[a-z0-9-]+\.txt$/, by: 'test/golden/explain.test.ts' },
  { pattern: /^insn\/[a-z0-9]+\.ins$/, by: 'test/src/emulator/recorded.test.ts' },
  { pattern: /^insn\/xen-forms\.txt$/, by: 'test/src/emulator/coverage.test.ts' },
  { pattern: /^wasm\/[a-z0-9]+\.txt$/, by: 'test/golden/wasm.test.ts' },
  { pattern: /^speed\/(programs\.c|make\.sh)$/, by: 'golden/speed/make.sh' },
  { pattern: /^speed\/programs$/, by: 'test/emulator/speed/guest-program.ts' },
  { pattern: /^machine\/(tiny\.c|tiny\.lds|make\.sh)$/, by: 'golden/machine/make.sh' },
  { pattern: /^machine\/tiny-xen$/, by: 'test/support/tiny-xen.ts' },
  {
    pattern: /^documents\/((diff|build|validate|check-base)\.json|check-base\.txt)$/,
    by: 'test/golden/documents.test.ts',
  },
  { pattern: /^mutants\/xen-[0-9.]+(-deadly)?\.txt$/, by: 'test/xen/mutants/mutants.test.ts' },
  { pattern: /^cli\/help\/[a-z-]+\.txt$/, by: 'test/src/cli/help.test.ts' },
  { pattern: /^cli\/messages\.txt$/, by: 'test/golden/messages.test.ts' },
  { pattern: /^diagnostics\/XS\d{3}\.txt$/, by: 'test/golden/diagnostics.test.ts' },
];

/** Paths of all files under golden/, with forward slashes, sorted. */
export function goldenFiles(): string[] {
  const found: string[] = [];
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(GOLDEN, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else found.push(path);
    }
  };
  walk('');
  return found.sort();
}
