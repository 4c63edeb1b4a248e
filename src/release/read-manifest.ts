/**
 * Reads a manifest back. The file may come from anywhere, so every field that is used is checked for its type and
 * form before a path of it is opened; what does not fit is refused with the name of the field.
 */
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import { withoutControls } from '../diag/printable.js';
import { MANIFEST_SCHEMA } from './manifest.js';
import type {
  CompilerEntry,
  FileRecord,
  ManifestSettings,
  ObjectEntry,
  PassesEntry,
  PatchEntry,
  SourceEntry,
} from './manifest.js';

/** The part of a manifest that a build can be repeated from. */
export interface Recipe {
  readonly version: string;
  readonly payload: FileRecord & { readonly size: number };
  readonly image: FileRecord;
  readonly below: readonly FileRecord[];
  readonly source: SourceEntry | null;
  readonly objects: readonly ObjectEntry[] | null;
  readonly compiler: CompilerEntry | null;
  readonly settings: ManifestSettings;
  readonly passes: PassesEntry | null;
}

/** Elements of a list beyond which a manifest is taken for damaged. */
const MOST = 100_000;

/** Thrown inside this file only. */
class Misfit extends Error {}

/** The recipe in the text of the manifest called `name`. Reports XS840, and then returns undefined. */
export function readManifest(name: string, text: string, report: Report): Recipe | undefined {
  try {
    return recipeOf(new Field(parse(text), 'manifest'));
  } catch (thrown) {
    if (!(thrown instanceof Misfit)) throw thrown;
    report(
      diagnostic('XS840', {
        message: `${name} is no manifest that can be followed: ${withoutControls(thrown.message)}`,
        at: { object: name },
        hint: `give the .manifest.json that was written beside a payload (schema ${MANIFEST_SCHEMA})`,
      }),
    );
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Misfit('it is no JSON');
  }
}

function recipeOf(manifest: Field): Recipe {
  const schema = manifest.at('schema').text();
  if (schema !== MANIFEST_SCHEMA) throw new Misfit(`its schema is ${schema.slice(0, 80)}`);
  const inputs = manifest.at('inputs');
  const recipe = {
    version: manifest.at('tool').at('version').text(),
    payload: { ...recordOf(manifest.at('payload')), size: manifest.at('payload').at('size').count() },
    image: recordOf(inputs.at('image')),
    below: inputs.at('below').list(recordOf),
    source: inputs.at('source').orNull(sourceOf),
    objects: inputs.at('objects').orNull((list) => list.list(objectOf)),
    compiler: manifest.at('compiler').orNull(compilerOf),
    settings: settingsOf(manifest.at('settings')),
    // Manifests of earlier versions say nothing of these.
    passes: manifest.maybe('passes')?.orNull(passesOf) ?? null,
  };
  if ((recipe.source === null) === (recipe.objects === null))
    throw new Misfit('it has not exactly one of inputs.source and inputs.objects');
  return recipe;
}

function recordOf(field: Field): FileRecord {
  return { path: field.at('path').path(), sha256: field.at('sha256').hash() };
}

function patchOf(field: Field): PatchEntry {
  return { ...recordOf(field), bytes: field.at('bytes').count(), strip: field.at('strip').count() };
}

function sourceOf(field: Field): SourceEntry {
  return {
    path: field.at('path').path(),
    version: field.at('version').text(),
    patches: field.at('patches').list(patchOf),
    applied: field.at('applied').list(patchOf),
    git_range: field.at('git_range').orNull((range) => range.text()),
    config: field.at('config').orNull(recordOf),
    config_sha256: field.at('config_sha256').hash(),
    files: field.at('files').entries((hash) => hash.hash()),
  };
}

function objectOf(field: Field): ObjectEntry {
  return {
    object: field.at('object').path(),
    orig: field.at('orig').orNull(recordOf),
    patched: field.at('patched').orNull(recordOf),
  };
}

function compilerOf(field: Field): CompilerEntry {
  return {
    command: field.at('command').text(),
    version: field.at('version').text(),
    comments: field.at('comments').list((comment) => comment.text()),
  };
}

function settingsOf(field: Field): ManifestSettings {
  const target = field.at('target').text();
  if (target !== 'xen' && target !== 'generic')
    throw new Misfit('settings.target is neither xen nor generic');
  const texts = (name: string): readonly string[] => field.at(name).list((one) => one.text());
  const buildId = (name: string): string | null => field.at(name).orNull((one) => one.buildId());
  return {
    abi: field.at('abi').text(),
    target,
    prelink: field.at('prelink').flag(),
    replace: field.at('replace').flag(),
    modinfo: texts('modinfo'),
    expect: field.at('expect').flag(false),
    base_proof: field.at('base_proof').flag(true),
    profile: field.maybe('profile')?.orNull((one) => one.text()) ?? null,
    depends: buildId('depends'),
    xen_depends: buildId('xen_depends'),
    allow_lost: texts('allow_lost'),
    reports_line: texts('reports_line'),
    // Manifests of earlier versions say nothing of these.
    splice: field.maybe('splice')?.list((one) => one.text()) ?? [],
  };
}

function passesOf(field: Field): PassesEntry {
  const functions = (name: string): PassesEntry['added'] =>
    field.at(name).list((one) => ({ object: one.at('object').text(), name: one.at('name').text() }));
  return {
    files: field.at('files').list(recordOf),
    left_out: functions('left_out'),
    added: functions('added'),
  };
}

/** A value somewhere in the document, which knows where. */
class Field {
  constructor(
    private readonly value: unknown,
    private readonly place: string,
  ) {}

  at(name: string): Field {
    const value: unknown = Object.hasOwn(this.object(), name) ? Reflect.get(this.object(), name) : undefined;
    return new Field(value, this.place === 'manifest' ? name : `${this.place}.${name}`);
  }

  /** Undefined for a field that is not there. */
  maybe(name: string): Field | undefined {
    return Object.hasOwn(this.object(), name) ? this.at(name) : undefined;
  }

  orNull<T>(read: (field: Field) => T): T | null {
    return this.value === null ? null : read(this);
  }

  list<T>(read: (field: Field) => T): readonly T[] {
    if (!Array.isArray(this.value) || this.value.length > MOST) throw new Misfit(`${this.place} is no list`);
    return this.value.map((one: unknown, k) => read(new Field(one, `${this.place}[${String(k)}]`)));
  }

  entries<T>(read: (field: Field) => T): Readonly<Record<string, T>> {
    const entries = Object.entries(this.object());
    if (entries.length > MOST) throw new Misfit(`${this.place} has too many fields`);
    return Object.fromEntries(
      entries.map(([path, value]) => [
        new Field(path, `a name in ${this.place}`).below(),
        read(new Field(value, `${this.place}.${path.slice(0, 80)}`)),
      ]),
    );
  }

  text(): string {
    if (typeof this.value !== 'string' || this.value.length > 10_000)
      throw new Misfit(`${this.place} is no text`);
    return this.value;
  }

  path(): string {
    const path = this.text();
    if (path === '' || path.includes('\0')) throw new Misfit(`${this.place} is no path`);
    return path;
  }

  /** A path that stays below the folder it starts from. */
  below(): string {
    const path = this.path();
    if (path.startsWith('/') || path.split('/').includes('..'))
      throw new Misfit(`${this.place} leads elsewhere`);
    return path;
  }

  hash(): string {
    return this.form(/^[0-9a-f]{64}$/, 'no SHA-256');
  }

  buildId(): string {
    return this.form(/^([0-9a-f]{2}){1,64}$/, 'no build-id');
  }

  count(): number {
    const { value } = this;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw new Misfit(`${this.place} is no count`);
    return value;
  }

  /** `missing` is for fields that came later. */
  flag(missing?: boolean): boolean {
    if (this.value === undefined && missing !== undefined) return missing;
    if (typeof this.value !== 'boolean') throw new Misfit(`${this.place} is neither true nor false`);
    return this.value;
  }

  private form(pattern: RegExp, otherwise: string): string {
    const text = this.text();
    if (!pattern.test(text)) throw new Misfit(`${this.place} is ${otherwise}`);
    return text;
  }

  private object(): object {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value))
      throw new Misfit(this.value === undefined ? `${this.place} is missing` : `${this.place} is no object`);
    return this.value;
  }
}
