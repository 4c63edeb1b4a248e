/**
 * The process in which passes run. It gets modules as texts, puts them into a context that has the language and
 * nothing else, and calls what they export. One line, one question:
 *
 *   {"load": NAME, "entry": PATH, "modules": [[PATH, TEXT], …]}   what the file exports
 *   {"call": NAME, "part": N, "input": TEXT}                      what that part says to the input
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { createInterface } from 'node:readline';
import { createContext, runInContext, SourceTextModule, SyntheticModule } from 'node:vm';
import type { Module } from 'node:vm';

/** As engine/user-pass.ts has it, which loads the compiler. */
const PASS_API = 'xsplice-build/config';

interface LoadQuestion {
  readonly load: string;
  readonly entry: string;
  readonly modules: readonly (readonly [path: string, text: string])[];
}

interface CallQuestion {
  readonly call: string;
  readonly part: number;
  readonly input: string;
}

/** What inside.ts exports, in its context. */
interface Inside {
  readonly describe: (exported: unknown) => string;
  readonly call: (exported: unknown, index: number, input: string) => Promise<string>;
  readonly settle: () => void;
}

const context = createContext({}, { codeGeneration: { strings: false, wasm: false } });
const loaded = new Map<string, unknown>();

const noImports = (specifier: string): never => {
  throw new Error(`there is no ${specifier}`);
};

/** One of our own modules, in the context. */
async function ownModule(path: string): Promise<SourceTextModule> {
  const text = await readFile(new URL(path, import.meta.url), 'utf8');
  const module = new SourceTextModule(text, { context, identifier: path });
  await module.link(noImports);
  await module.evaluate();
  return module;
}

async function load({ entry, modules }: LoadQuestion, api: Module): Promise<unknown> {
  const texts = new Map(modules);
  const made = new Map<string, Module>();
  const moduleAt = (path: string): Module => {
    const known = made.get(path);
    if (known !== undefined) return known;
    const text = texts.get(path);
    if (text === undefined) throw new Error(`there is no ${path}`);
    const module = path.endsWith('.json')
      ? jsonModule(path, text)
      : new SourceTextModule(text, { context, identifier: path });
    made.set(path, module);
    return module;
  };
  const resolved = (specifier: string, from: string): Module => {
    if (specifier === PASS_API) return api;
    const path = normalize(join(dirname(from), specifier));
    // As TypeScript resolves what has no extension.
    const found = [path, `${path}.js`, `${path}.mjs`, join(path, 'index.js')].find((p) => texts.has(p));
    return moduleAt(found ?? path);
  };
  const main = moduleAt(entry);
  await main.link((specifier, { identifier }) => resolved(specifier, identifier));
  await main.evaluate();
  const { namespace } = main as unknown as { readonly namespace: Readonly<Record<string, unknown>> };
  return namespace['default'];
}

const parseInside = runInContext('JSON.parse', context) as (text: string) => unknown;

function jsonModule(path: string, text: string): Module {
  const module = new SyntheticModule(['default'], () => module.setExport('default', parseInside(text)), {
    context,
    identifier: path,
  });
  return module;
}

/** The error as text, however it is made. */
function describeThrown(thrown: unknown): { readonly message: string; readonly stack: string } {
  try {
    const isObject = typeof thrown === 'object' && thrown !== null;
    const message = isObject && 'message' in thrown ? String(thrown.message) : String(thrown);
    const stack = isObject && 'stack' in thrown ? String(thrown.stack) : '';
    return { message, stack };
  } catch {
    return { message: 'something that cannot be made a text', stack: '' };
  }
}

async function main(): Promise<void> {
  const api = await ownModule('../config.js');
  const { namespace } = await ownModule('./inside.js');
  const inside = namespace as Inside;
  const write = process.stdout.write.bind(process.stdout);
  inside.settle();
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const question = JSON.parse(line) as LoadQuestion | CallQuestion;
      if ('load' in question) {
        const exported = await load(question, api);
        loaded.set(question.load, exported);
        write(`${inside.describe(exported)}\n`);
      } else write(`${await inside.call(loaded.get(question.call), question.part, question.input)}\n`);
    } catch (thrown) {
      write(`${JSON.stringify({ threw: describeThrown(thrown) })}\n`);
    }
  }
}

await main();
