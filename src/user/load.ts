/**
 * From the path of a pass to what runs: compiled, or taken from the cache when neither it, nor what it imports, nor
 * this tool has changed.
 *
 *   CACHE/passes/KEY.json   what was compiled; KEY is of this tool, the types and the path, so there is one for each
 *
 * The record names all files that were read with their hashes; it counts as long as all of them are so.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import type { CompiledPass, CompileRequest } from '../engine/user-pass.js';
import { readFileOrReport } from '../read-file.js';
import { Interrupted } from '../run/run-control.js';
import { writeFileAtomically } from '../write-file.js';
import { readCompilation } from './answers.js';
import { compileErrors, failed } from './messages.js';
import { Supervised } from './supervised.js';
import type { Limits } from './supervised.js';

export interface LoadSettings {
  /** Undefined: nothing is kept. */
  readonly cacheDir: string | undefined;
  /** Ends the loading; the calls of a run are ended by its own. */
  readonly signal: AbortSignal | undefined;
}

const MAIN = fileURLToPath(new URL('compile-main.js', import.meta.url));
const TYPES = fileURLToPath(new URL('../config.d.ts', import.meta.url));
const LIMITS: Limits = { time: 60_000, memory: 1 << 30 };
const LARGEST_FILE = 1 << 20;
/** A change of how passes are compiled changes this number and forgets old ones. */
const GENERATION = 'pass-1';

/** Reports XS701, XS702, XS104 and returns undefined when there is nothing to run. */
export async function loadPass(
  file: string,
  exports: CompileRequest['exports'],
  settings: LoadSettings,
  report: Report,
): Promise<CompiledPass | undefined> {
  const entry = resolve(file);
  if (!['.ts', '.mts'].includes(extname(entry)) || entry.endsWith('.d.ts')) {
    const message = `${file} is no TypeScript: its name does not end in .ts or .mts`;
    report(diagnostic('XS701', { message, at: { object: file } }));
    return undefined;
  }
  const bytes = readFileOrReport(file, report, LARGEST_FILE);
  if (bytes === undefined) return undefined;
  const record = recordPath(entry, exports, settings.cacheDir);
  const kept = record === undefined ? undefined : fromRecord(record);
  if (kept !== undefined) return kept;
  const made = await compile(file, { entry, exports, types: TYPES }, settings, report);
  if (made !== undefined && record !== undefined) keep(record, made);
  return made;
}

function recordPath(entry: string, exports: string, cacheDir: string | undefined): string | undefined {
  if (cacheDir === undefined) return undefined;
  const hash = createHash('sha256').update(GENERATION).update(readFileSync(TYPES));
  const key = hash.update(`\n${process.version}\n${exports}\n${entry}`).digest('hex');
  return join(cacheDir, 'passes', `${key}.json`);
}

/** What was kept, if it is still of what lies there. */
function fromRecord(record: string): CompiledPass | undefined {
  try {
    const kept = readCompilation(JSON.parse(readFileSync(record, 'utf8')));
    if ('wrong' in kept || !('pass' in kept.value)) return undefined;
    const { pass } = kept.value;
    return pass.inputs.every(({ path, sha256 }) => hashOf(path) === sha256) ? pass : undefined;
  } catch {
    // Not there, or not whole: it is made again.
    return undefined;
  }
}

/** As engine/user-pass.ts hashes what it read. */
function hashOf(path: string): string {
  return createHash('sha256')
    .update(readFileSync(path, 'utf8').replace(/^\ufeff/, ''))
    .digest('hex');
}

/** Not being able to keep it is no error: the next run compiles again. */
function keep(record: string, pass: CompiledPass): void {
  try {
    mkdirSync(join(record, '..'), { recursive: true });
    writeFileAtomically(record, Buffer.from(JSON.stringify({ pass })));
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown)) throw thrown;
  }
}

async function compile(
  file: string,
  request: CompileRequest,
  { signal }: LoadSettings,
  report: Report,
): Promise<CompiledPass | undefined> {
  const compiler = new Supervised(MAIN, ['--no-warnings'], LIMITS, signal);
  const asked = await compiler.ask(request);
  compiler.close();
  if ('failed' in asked) {
    if (asked.failed === 'interrupted') throw new Interrupted();
    report(failed({ what: `compiling ${file}`, file }, asked, LIMITS));
    return undefined;
  }
  const answer = readCompilation(asked.answer);
  if ('wrong' in answer) throw new Error(`the compiler answered otherwise: ${answer.wrong}`);
  const compilation = answer.value;
  if ('pass' in compilation) return compilation.pass;
  for (const found of compileErrors(file, compilation.errors)) report(found);
  return undefined;
}
