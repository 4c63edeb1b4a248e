/**
 * What is loaded beside the user's modules, into their context: looks at what a file exports, and calls a part of it.
 * All that goes in and out is text, so that nothing of one side's objects gets to the other.
 */

/** What passes say; the rest of the tool checks it as it checks any input. */
interface Said {
  readonly say: string;
  readonly message: unknown;
  readonly about?: unknown;
  readonly target?: unknown;
}

type Loose = Readonly<Record<string, unknown>>;

const isLoose = (value: unknown): value is Loose => typeof value === 'object' && value !== null;

/** The parts of an export, in order: passes and reporters, and paths of files that have some. */
function partsOf(exported: unknown): readonly unknown[] {
  if (Array.isArray(exported)) return exported;
  if (!isLoose(exported) || exported['made'] !== 'configuration') return [exported];
  return [exported['passes'], exported['reporters']].flatMap((list): readonly unknown[] =>
    Array.isArray(list) ? list : [],
  );
}

/** A text that says what an export is. */
export function describe(exported: unknown): string {
  const parts = partsOf(exported).map((part): unknown => {
    if (typeof part === 'string') return { kind: 'file', path: part };
    if (!isLoose(part)) return { kind: 'nothing' };
    const { name, after, run, report } = part;
    if (typeof report === 'function') return { kind: 'reporter', name };
    return typeof run === 'function' ? { kind: 'pass', name, after } : { kind: 'nothing' };
  });
  const isConfiguration = isLoose(exported) && exported['made'] === 'configuration';
  if (!isConfiguration) return JSON.stringify({ parts });
  const settings = Object.entries(exported).filter(
    ([key]) => key !== 'made' && key !== 'passes' && key !== 'reporters',
  );
  return JSON.stringify({ parts, settings: Object.fromEntries(settings) });
}

/** Calls a part of an export with a view or a document, and gives what it said or made. */
export async function call(exported: unknown, index: number, input: string): Promise<string> {
  const part = partsOf(exported)[index];
  const view: unknown = JSON.parse(input);
  if (!isLoose(part)) throw new Error('there is no such part');
  const { run, report } = part;
  if (typeof report === 'function') {
    const made: unknown = await report.call(part, view);
    return JSON.stringify({ files: Array.isArray(made) ? made : [made] });
  }
  if (typeof run !== 'function') throw new Error('there is no such part');
  const said: Said[] = [];
  await run.call(part, view, contextOf(said));
  return JSON.stringify({ said });
}

/** All verbs; which of them a place has, the types tell. */
function contextOf(said: Said[]): object {
  const speak = (say: string) => (message: unknown, about?: unknown) =>
    void said.push({ say, message, about });
  const decide = (say: string) => (target: unknown, message: unknown) =>
    void said.push({ say, message, target });
  return {
    veto: speak('veto'),
    warn: speak('warn'),
    note: speak('note'),
    drop: decide('drop'),
    add: decide('add'),
  };
}

/** Takes away what would make two runs differ, and what V8 brings that is not of the language. */
export function settle(): void {
  for (const name of ['console', 'WebAssembly']) Reflect.deleteProperty(globalThis, name);
  const refuse = (what: string) => (): never => {
    throw new Error(`there is no ${what} in a pass: what it decides follows from what it is given`);
  };
  Object.defineProperty(Math, 'random', { value: refuse('chance') });
  const noDate = refuse('clock');
  Object.defineProperty(globalThis, 'Date', {
    value: Object.assign(
      function Date(): never {
        return noDate();
      },
      { now: noDate },
    ),
  });
}
