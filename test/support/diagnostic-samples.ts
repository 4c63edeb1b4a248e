/**
 * For each diagnostic code about objects, images, payloads and the command line: something that provokes it. Most are cases of
 * golden/cases; broken files are built here, byte for byte.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as c from '../../src/elf/constants.js';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { diff, link } from '../../src/index.js';
import { runCli } from './cli.js';
import { ElfBuilder, patchedHeader, patchedRela, patchedSection } from './elf-builder.js';
import { allDiagnostics, CASES, goldenCase, imageOfCase, runCase } from './golden-cases.js';

/** What was provoked, and texts to hide because they differ from machine to machine. */
export interface Provoked {
  readonly found: readonly Diagnostic[];
  readonly hide?: readonly (readonly [what: string | RegExp, by: string])[];
}

export interface DiagnosticSample {
  /** Programs without which the code cannot be provoked. */
  readonly programs?: readonly string[];
  readonly provoke: () => Promise<Provoked>;
}

const ofCase = (name: string): DiagnosticSample => ({
  provoke: async () => ({ found: allDiagnostics(await runCase(goldenCase(name), 1)) }),
});

const good = (): ElfBuilder =>
  new ElfBuilder()
    .text('.text.f', [0xe8, 0, 0, 0, 0, 0xc3])
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6 })
    .rela('.text.f', 1, c.R_X86_64_PLT32, 'printk', -4);

/** Runs with a folder for files; its name is hidden. */
async function inFolder(body: (folder: string) => Promise<readonly Diagnostic[]>): Promise<Provoked> {
  const folder = mkdtempSync(join(tmpdir(), 'diagnostics-'));
  try {
    return { found: await body(folder), hide: [[`${folder}/`, '']] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Compares a good object with these bytes in its place. */
const ofBytes = (bytes: () => Uint8Array): DiagnosticSample => ({
  provoke: () =>
    inFolder(async (folder) => {
      const [orig, patched] = [join(folder, 'orig.o'), join(folder, 'patched.o')];
      writeFileSync(orig, good().bytes());
      writeFileSync(patched, bytes());
      return allDiagnostics(await diff({ pairs: [{ object: 'common/broken.o', orig, patched }] }));
    }),
});

const EXAMPLE = goldenCase('prelink');
const IMAGE = join(CASES, 'prelink', 'image');

/** What the command line says, as a diagnostic is printed: one is made of the lines. */
async function saidByCli(args: readonly string[]): Promise<readonly Diagnostic[]> {
  const { stdout } = await runCli([...args, '--json']);
  const document: unknown = JSON.parse(stdout);
  if (typeof document !== 'object' || document === null || !('diagnostics' in document)) return [];
  return document.diagnostics as readonly Diagnostic[];
}

/** One of two objects of one source file's name, each with a new static function of one name. */
function twinPair(
  folder: string,
  object: string,
  k: number,
): { object: string; orig: string; patched: string } {
  const caller = k === 0 ? 'changed' : 'other';
  const build = (code: readonly number[]): ElfBuilder =>
    new ElfBuilder()
      .symbol('same.c', { type: c.STT_FILE, place: 'abs', bind: c.STB_LOCAL })
      .text(`.text.${caller}`, [...code, 0xc3]);
  const plain = build([0xe8, 0, 0, 0, 0, 0x90, 0x90, 0x90])
    .symbol(caller, { section: `.text.${caller}`, type: c.STT_FUNC, size: 9 })
    .rela(`.text.${caller}`, 1, c.R_X86_64_PLT32, 'changed', -4);
  const called = build([0xe8, 0, 0, 0, 0])
    .text('.text.helper', [0x90, 0xc3])
    .symbol('helper', { section: '.text.helper', type: c.STT_FUNC, size: 2, bind: c.STB_LOCAL })
    .symbol(caller, { section: `.text.${caller}`, type: c.STT_FUNC, size: 6 })
    .rela(`.text.${caller}`, 1, c.R_X86_64_PLT32, 'helper', -4);
  const [orig, patched] = [join(folder, `orig${String(k)}.o`), join(folder, `patched${String(k)}.o`)];
  writeFileSync(orig, plain.bytes());
  writeFileSync(patched, called.bytes());
  return { object, orig, patched };
}

/** A function and 2 MiB of constants that it uses. */
function hugePair(folder: string): { object: string; orig: string; patched: string } {
  const code = [0x48, 0x8d, 0x05, 0, 0, 0, 0, 0xc3];
  const plain = new ElfBuilder()
    .text('.text.changed', [...code, 0xc3])
    .symbol('changed', { section: '.text.changed', type: c.STT_FUNC, size: 9 })
    .rela('.text.changed', 3, c.R_X86_64_PC32, 'printk', -4);
  const large = new ElfBuilder()
    .text('.text.changed', [...code, 0x90, 0xc3])
    .section('.rodata.large', new Uint8Array(2 * 1024 * 1024), { align: 32 })
    .symbol('changed', { section: '.text.changed', type: c.STT_FUNC, size: 10 })
    .symbol('large', { section: '.rodata.large', type: c.STT_OBJECT, size: 2 * 1024 * 1024 })
    .rela('.text.changed', 3, c.R_X86_64_PC32, 'large', -4);
  const [orig, patched] = [join(folder, 'orig.o'), join(folder, 'patched.o')];
  writeFileSync(orig, plain.bytes());
  writeFileSync(patched, large.bytes());
  return { object: 'common/large.o', orig, patched };
}

/** Two objects of one function, made by the compilers of these names. */
function madeBy(before: string, after: string): DiagnosticSample {
  const object = (compiler: string, immediate: number): Uint8Array =>
    new ElfBuilder()
      .text('.text.f', [0xb8, immediate, 0, 0, 0, 0xc3])
      .section('.comment', Buffer.from(`\0${compiler}\0`), { flags: c.SHF_MERGE | c.SHF_STRINGS })
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6 })
      .bytes();
  return ofPairs([[object(before, 1), object(after, 2)]]);
}

/** As many pairs as a patch never changes, in which everything differs. */
function mostlyChanged(): DiagnosticSample {
  const object = (immediate: number): Uint8Array =>
    new ElfBuilder()
      .text('.text.f', [0xb8, immediate, 0, 0, 0, 0xc3])
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6 })
      .bytes();
  return ofPairs(Array.from({ length: 12 }, () => [object(1), object(2)]));
}

function ofPairs(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): DiagnosticSample {
  return {
    provoke: () =>
      inFolder(async (folder) => {
        const paths = pairs.map(([before, after], k) => {
          const [orig, patched] = [join(folder, `orig-${k}.o`), join(folder, `patched-${k}.o`)];
          writeFileSync(orig, before);
          writeFileSync(patched, after);
          return { object: `common/${String.fromCharCode(97 + k)}.o`, orig, patched };
        });
        return allDiagnostics(await diff({ pairs: paths }));
      }),
  };
}

/** An image with `changed`, nine bytes long. */
function imageOf(folder: string): string {
  const path = join(folder, 'xen-syms');
  const note = [4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4e, 0x55, 0, 1, 2, 3, 4];
  const image = new ElfBuilder()
    .text('.text', new Uint8Array(18))
    .section('.note.gnu.build-id', note, { type: c.SHT_NOTE, align: 4 })
    .symbol('changed', { section: '.text', type: c.STT_FUNC, size: 9 })
    .symbol('other', { section: '.text', value: 9, type: c.STT_FUNC, size: 9 })
    .bytes();
  writeFileSync(path, patchedHeader(image, 'e_type', c.ET_EXEC));
  return path;
}

const usage = (args: readonly string[]): DiagnosticSample => ({
  provoke: async () => {
    const { stderr } = await runCli(args);
    const [, code, message] = /^error\[(XS\d+)\]: (.*)$/m.exec(stderr) ?? [];
    const hint = /^ {2}hint: (.*)$/m.exec(stderr)?.[1];
    if (code !== 'XS901') throw new Error(`not XS901: ${stderr}`);
    return { found: [{ code, severity: 'error', message, notes: [], ...(hint !== undefined && { hint }) }] };
  },
});

export const OBJECT_SAMPLES: Readonly<Record<string, DiagnosticSample>> = {
  XS101: ofBytes(() => Buffer.from('!<arch>\nbuilt_in.a/     0           0     0     644     8         `\n')),
  XS102: ofBytes(() => patchedHeader(good().bytes(), 'EI_CLASS', 1)),
  XS103: ofBytes(() => patchedSection(good().bytes(), '.text.f', 'sh_size', 1_000_000)),
  XS104: {
    provoke: () =>
      inFolder(async (folder) => {
        mkdirSync(join(folder, 'x.o'));
        const path = join(folder, 'x.o');
        return allDiagnostics(await diff({ pairs: [{ object: 'x.o', orig: path, patched: path }] }));
      }),
  },
  XS105: ofBytes(() => patchedRela(good().bytes(), '.rela.text.f', 0, 'r_type', 99)),
  XS201: ofCase('ambiguous-static-refused'),
  XS203: ofCase('torn-bug-frames-refused'),
  XS210: madeBy('GCC: (Debian 12.2.0-14) 12.2.0', 'GCC: (Debian 13.1.0-6) 13.1.0'),
  XS211: ofCase('other-flags-refused'),
  XS212: mostlyChanged(),
  XS213: ofCase('unlinked-object'),
  XS301: ofCase('initial-value-refused'),
  XS302: ofCase('data-size-refused'),
  XS303: ofCase('boot-code-refused'),
  XS304: ofCase('boot-data-refused'),
  XS305: ofCase('assembly-refused'),
  XS306: ofCase('per-cpu-refused'),
  XS307: ofCase('boot-table-refused'),
  XS308: ofCase('boot-note-refused'),
  XS309: ofCase('variable-becomes-constant-refused'),
  XS310: ofCase('nothing-refused'),
  XS311: ofCase('bring-up'),
  XS312: ofCase('entered-in-the-middle-refused'),
  XS313: ofCase('accepted-losses'),
  XS320: ofCase('layout-refused'),
  XS321: ofCase('other-layout'),
  XS401: ofCase('unknown-symbol-refused'),
  XS402: ofCase('ambiguous-symbol-refused'),
  XS403: ofCase('nameless-data-refused'),
  XS404: {
    provoke: async () => ({
      found: allDiagnostics(await link({ pairs: EXAMPLE.pairs, image: join(CASES, 'prelink/orig.o') })),
    }),
  },
  XS405: ofCase('other-relocations-refused'),
  XS406: ofCase('init-reference-refused'),
  XS407: ofCase('seam-refused'),
  XS408: ofCase('long-name-refused'),
  XS409: {
    provoke: async () => {
      const { pairs, ...which } = goldenCase('other-source-refused');
      const image = imageOfCase({ ...which, pairs });
      return { found: allDiagnostics(await link({ pairs, image, baseProof: false })) };
    },
  },
  XS410: ofCase('too-small-refused'),
  XS411: {
    provoke: async () => ({
      found: allDiagnostics(
        await link({ pairs: EXAMPLE.pairs, image: IMAGE, onTopOf: [join(CASES, 'prelink/orig.o')] }),
      ),
    }),
  },
  XS412: {
    provoke: async () => {
      const [pair] = EXAMPLE.pairs;
      const copy = { ...pair, object: 'common/copy-temp.o' };
      return { found: allDiagnostics(await link({ pairs: [pair, copy], image: IMAGE })) };
    },
  },
  XS413: {
    provoke: () =>
      inFolder(async (folder) => {
        const pairs = ['common/one.o', 'common/two.o'].map((object, k) => twinPair(folder, object, k));
        return allDiagnostics(await link({ pairs, image: imageOf(folder), baseProof: false }));
      }),
  },
  XS414: ofCase('two-hooks-of-one-refused'),
  XS416: ofCase('constant-with-other-users-refused'),
  XS430: ofCase('base-differs-refused'),
  XS431: {
    provoke: async () => ({
      found: await saidByCli([
        ...['check-base', '--objects', join(CASES, 'base-differs-refused/orig.o')],
        ...['--xen-syms', join(CASES, 'base-as-it-runs/image')],
      ]),
    }),
  },
  XS432: ofCase('other-relocations-refused'),
  XS433: {
    provoke: async () => {
      const { pairs } = EXAMPLE;
      return {
        found: allDiagnostics(await link({ pairs, image: IMAGE, abi: 'livepatch-v1', expect: true })),
      };
    },
  },
  XS434: ofCase('expect'),
  XS501: {
    provoke: () =>
      inFolder(async (folder) =>
        allDiagnostics(await link({ pairs: [hugePair(folder)], image: imageOf(folder), baseProof: false })),
      ),
  },
  XS502: {
    provoke: () =>
      inFolder((folder) => {
        const [{ orig = '', patched = '' }] = EXAMPLE.pairs;
        const output = join(folder, 'no/such/folder/out.xsplice');
        return saidByCli(['--orig', orig, '--patched', patched, '--xen-syms', IMAGE, '-o', output]);
      }),
  },
  XS901: usage(['-s', 'xen', '-p', 'fix.patch', '--orig', 'a', '--patched', 'b', '--xen-syms', 'xen-syms']),
  XS440: ofCase('splice-in-place-refused'),
  XS441: ofCase('splice-nops-refused'),
  XS442: {
    provoke: () =>
      inFolder(async (folder) => {
        const below = join(folder, 'first.xsplice');
        const { payload } = await runCase(goldenCase('splice-callers'), 1);
        writeFileSync(below, payload?.bytes ?? '');
        return allDiagnostics(await runCase(goldenCase('splice-below-refused'), 1, () => below));
      }),
  },
  XS903: ofCase('splice-unknown-refused'),
  XS902: {
    provoke: async () => {
      const { orig = '', patched = '' } = EXAMPLE.pairs[0];
      return { found: await saidByCli(['diff', orig, patched, '--explain', 'chanced']) };
    },
  },
};
