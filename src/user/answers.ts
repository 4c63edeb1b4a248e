/** What the process of the passes may answer: it runs code that is not ours, so every answer is looked at. */
import * as v from 'valibot';
import type { Place } from '../config.js';
import { withoutControls } from '../diag/printable.js';

export const PLACES = ['select-changed', 'include-closure', 'emit-notes'] as const satisfies readonly Place[];

const LONGEST_NAME = 100;
const MOST_PARTS = 100;
const MOST_SAID = 10_000;
const LONGEST_MESSAGE = 4000;
const LARGEST_FILES = 16 << 20;

const Name = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][\w./-]*$/, 'a name is of letters, digits, - _ . and /'),
  v.maxLength(LONGEST_NAME),
);
const Message = v.pipe(v.string(), v.minLength(1), v.maxLength(LONGEST_MESSAGE));
const Target = v.object({ object: v.string(), name: v.string() });

/** A part of what a file exports. */
const Part = v.variant('kind', [
  v.object({ kind: v.literal('pass'), name: Name, after: v.picklist(PLACES) }),
  v.object({ kind: v.literal('reporter'), name: Name }),
  v.object({ kind: v.literal('file'), path: v.pipe(v.string(), v.minLength(1)) }),
]);

export type PartDescription = v.InferOutput<typeof Part>;

const Description = v.object({
  parts: v.pipe(v.array(Part), v.maxLength(MOST_PARTS)),
  /** Of a configuration only. */
  settings: v.optional(v.record(v.string(), v.unknown())),
});

const Said = v.variant('say', [
  v.object({
    say: v.picklist(['veto', 'warn', 'note']),
    message: Message,
    about: v.optional(
      v.object({
        object: v.optional(v.string()),
        function: v.optional(v.string()),
        hint: v.optional(Message),
      }),
    ),
  }),
  v.object({ say: v.picklist(['drop', 'add']), message: Message, target: Target }),
]);

/** What a pass says and decides. */
export type Said = v.InferOutput<typeof Said>;

const SaidAnswer = v.object({ said: v.pipe(v.array(Said), v.maxLength(MOST_SAID)) });

const File = v.object({
  // No folders, nothing hidden, nothing that a terminal would not show.
  name: v.pipe(
    v.string(),
    v.regex(
      /^[A-Za-z0-9_][\w.+ -]*$/,
      'the name of a file is of letters, digits, - _ . + and spaces, without folders',
    ),
    v.maxLength(LONGEST_NAME),
  ),
  text: v.string(),
});

/** A file that a reporter made. */
export interface MadeFile extends v.InferOutput<typeof File> {
  /** Without folders: it is written beside the payload. */
  readonly name: string;
  /** Its contents. */
  readonly text: string;
}

const FilesAnswer = v.object({
  files: v.pipe(
    v.array(File),
    v.check(
      (files) => files.reduce((sum, { text }) => sum + text.length, 0) <= LARGEST_FILES,
      'the files are larger than 16 MiB',
    ),
  ),
});

const Thrown = v.object({ threw: v.object({ message: v.string(), stack: v.string() }) });

const Complaint = v.object({
  file: v.exactOptional(v.string()),
  line: v.number(),
  column: v.number(),
  length: v.number(),
  source: v.string(),
  code: v.number(),
  message: v.string(),
});

const Compiled = v.object({
  entry: v.string(),
  modules: v.array(v.object({ path: v.string(), text: v.string(), map: v.string() })),
  inputs: v.array(v.object({ path: v.string(), sha256: v.string() })),
});

/** What the compiler answers, and what the cache holds. */
const CompilationAnswer = v.union([v.object({ pass: Compiled }), v.object({ errors: v.array(Complaint) })]);

const Request = v.object({
  entry: v.string(),
  exports: v.picklist(['PassExport', 'ConfigurationExport']),
  types: v.string(),
});

/** Lines of a source map, as node:module takes them. */
const Map = v.object({
  version: v.number(),
  file: v.string(),
  sources: v.array(v.string()),
  sourcesContent: v.array(v.string()),
  names: v.array(v.string()),
  mappings: v.string(),
  sourceRoot: v.string(),
});

/** A value that has its form, or where it has not. */
export type Checked<T> = { readonly value: T } | { readonly wrong: string };

const reader =
  <T>(schema: v.GenericSchema<unknown, T>) =>
  (found: unknown): Checked<T> => {
    const parsed = v.safeParse(schema, found);
    if (parsed.success) return { value: parsed.output };
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    return { wrong: withoutControls(path === null ? issue.message : `${path}: ${issue.message}`) };
  };

export type Description = v.InferOutput<typeof Description>;

export const readDescription = reader(Description);
export const readSaid = reader(SaidAnswer);
export const readFiles = reader(FilesAnswer);
export const readThrown = reader(Thrown);
export const readCompilation = reader(CompilationAnswer);
export const readRequest = reader(Request);
export const readSourceMap = reader(Map);
