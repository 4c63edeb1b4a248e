/**
 * The passes, reporters and the configuration of a run: loaded once, asked at their places, one after the other.
 * They run together in one process; after a failure the run is refused, so there is no next question.
 */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Place } from '../config.js';
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import { Interrupted, interrupted } from '../run/run-control.js';
import type { CompiledPass, CompileRequest } from '../engine/user-pass.js';
import { readDescription, readFiles, readSaid, readThrown } from './answers.js';
import type { Checked, MadeFile, PartDescription, Said } from './answers.js';
import { loadPass } from './load.js';
import type { LoadSettings } from './load.js';
import { failed, threw } from './messages.js';
import type { Subject } from './messages.js';
import { Supervised } from './supervised.js';
import type { Limits } from './supervised.js';

/** What is loaded. */
export interface UserCodeSettings extends LoadSettings {
  /** A file whose default export is a configuration. */
  readonly configuration?: string;
  /** Files whose default exports are passes and reporters, in the order in which they run. */
  readonly files: readonly string[];
  /** Milliseconds that one call may take. */
  readonly timeout?: number;
}

/** A file of the user's that decided, for the manifest. */
export interface UserFile {
  /** Absolute. */
  readonly path: string;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** A pass or a reporter. */
export interface Part {
  readonly kind: 'pass' | 'reporter';
  readonly name: string;
  readonly after?: Place;
  readonly file: string;
  readonly index: number;
  readonly pass: CompiledPass;
}

const MAIN = fileURLToPath(new URL('run-main.js', import.meta.url));
const OWN = dirname(dirname(MAIN));
const TIME = 10_000;
const MEMORY = 512 << 20;
const HEAP_MIB = 256;

/** Loaded passes, reporters and settings, in a process of their own. */
export class UserCode {
  private readonly parts: Part[] = [];
  private readonly read = new Map<string, string>();
  private readonly process: Supervised;
  private readonly limits: Limits;
  /** Of the configuration, as it has them; paths are relative to it. */
  settings: Readonly<Record<string, unknown>> = {};

  private constructor(private readonly given: UserCodeSettings) {
    this.limits = { time: given.timeout ?? TIME, memory: MEMORY };
    this.process = new Supervised(MAIN, runFlags(), this.limits, given.signal);
  }

  /** Reports XS701 to XS706, XS713 and XS819, and returns undefined when something cannot be run. */
  static async open(settings: UserCodeSettings, report: Report): Promise<UserCode | undefined> {
    const code = new UserCode(settings);
    const loaded = await tellInterruption(report, () => code.loadGiven(report));
    if (loaded === true && code.namesDiffer(report)) return code;
    code.close();
    return undefined;
  }

  private async loadGiven(report: Report): Promise<boolean> {
    const { configuration, files, signal } = this.given;
    if (signal?.aborted === true) throw new Interrupted();
    return (
      (configuration === undefined || (await this.load(configuration, 'ConfigurationExport', report))) &&
      (await this.loadAll(files, report))
    );
  }

  /** All files that were read, the imported ones included, by path. */
  get files(): readonly UserFile[] {
    return [...this.read]
      .map(([path, sha256]) => ({ path, sha256 }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /**
   * The passes of a place, in the order in which they run.
   * @internal
   */
  partsAt(place: Place): readonly Part[] {
    return this.parts.filter(({ after }) => after === place);
  }

  /**
   * What a pass says to a view; undefined when it gave no answer, which is reported. Throws Interrupted.
   * @internal
   */
  async ask(
    part: Part,
    view: object,
    report: Report,
    signal?: AbortSignal,
  ): Promise<readonly Said[] | undefined> {
    return (await this.call(part, view, readSaid, report, signal))?.said;
  }

  /** The files that reporters make of a document; what fails is reported. */
  async report(document: object, report: Report): Promise<readonly MadeFile[]> {
    const files: MadeFile[] = [];
    for (const part of this.parts.filter(({ kind }) => kind === 'reporter')) {
      const answer = await tellInterruption(report, () => this.call(part, document, readFiles, report));
      if (answer === undefined) return files;
      files.push(...answer.files);
    }
    return files;
  }

  /** Ends their process. Results that were given stay as they are. */
  close(): void {
    this.process.close();
  }

  private async loadAll(files: readonly string[], report: Report): Promise<boolean> {
    let whole = true;
    for (const file of files) whole = (await this.load(file, 'PassExport', report)) && whole;
    return whole;
  }

  private async load(file: string, exports: CompileRequest['exports'], report: Report): Promise<boolean> {
    const pass = await loadPass(file, exports, this.given, report);
    if (pass === undefined) return false;
    for (const { path, sha256 } of pass.inputs) this.read.set(path, sha256);
    const subject = { what: `loading ${file}`, file };
    const modules = pass.modules.map(({ path, text }) => [path, text]);
    const question = { load: file, entry: pass.entry, modules };
    const described = await this.question(question, subject, pass, readDescription, report);
    if (described === undefined) return false;
    if (exports === 'ConfigurationExport') this.settings = described.settings ?? {};
    const imported: string[] = [];
    for (const [index, part] of described.parts.entries()) {
      if (part.kind === 'file') imported.push(resolve(dirname(file), part.path));
      else this.parts.push({ ...named(part), file, index, pass });
    }
    return await this.loadAll(imported, report);
  }

  private async call<T>(
    part: Part,
    input: object,
    read: (answer: unknown) => Checked<T>,
    report: Report,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    const question = { call: part.file, part: part.index, input: JSON.stringify(input) };
    const subject = { what: `${part.kind} ${part.name}`, file: part.file };
    return await this.question(question, subject, part.pass, read, report, signal);
  }

  private async question<T>(
    question: object,
    subject: Subject,
    pass: CompiledPass,
    read: (answer: unknown) => Checked<T>,
    report: Report,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    const asked = await this.process.ask(question, signal);
    if ('failed' in asked) {
      // A pass that could not answer must not count as one that agrees.
      if (asked.failed === 'interrupted') throw new Interrupted();
      report(failed(subject, asked, this.limits));
      return undefined;
    }
    const thrown = readThrown(asked.answer);
    if ('value' in thrown) {
      report(threw(subject, thrown.value.threw, pass));
      return undefined;
    }
    const answer = read(asked.answer);
    if ('value' in answer) return answer.value;
    const message = `${subject.what} gave no proper answer: ${answer.wrong}`;
    report(diagnostic('XS713', { message, at: { object: subject.file } }));
    return undefined;
  }

  private namesDiffer(report: Report): boolean {
    const seen = new Map<string, Part>();
    for (const part of this.parts) {
      const other = seen.get(part.name);
      if (other !== undefined) {
        report(
          diagnostic('XS703', {
            message: `two ${part.kind === other.kind ? (part.kind === 'pass' ? 'passes' : 'reporters') : 'parts'} are named ${part.name}`,
            at: { object: part.file },
            notes: [`the other is in ${other.file}`],
            hint: 'give each a name of its own: diagnostics name who says what',
          }),
        );
        return false;
      }
      seen.set(part.name, part);
    }
    return true;
  }
}

/** Does what may be interrupted outside of a run; then XS819 is reported, and undefined comes back. */
async function tellInterruption<T>(report: Report, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof Interrupted)) throw thrown;
    for (const found of interrupted([])) report(found);
    return undefined;
  }
}

function named(part: Exclude<PartDescription, { kind: 'file' }>): Pick<Part, 'kind' | 'name' | 'after'> {
  return part.kind === 'pass' ? part : { kind: part.kind, name: part.name };
}

/** What node runs passes with: little memory, and, where node can do that, no way to files but to read ours. */
function runFlags(): readonly string[] {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  return [
    '--no-warnings',
    '--experimental-vm-modules',
    `--max-old-space-size=${String(HEAP_MIB)}`,
    permission,
    `--allow-fs-read=${OWN}/*`,
  ];
}
