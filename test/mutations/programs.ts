/**
 * Mutators that other people's programs perform: what objcopy, strip and `ld -r` make of an object is the same
 * object to a differ. They spell it in ways that we would not think of.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { subjectOf } from './check.js';
import type { Subject } from './check.js';
import { bytesOf, draftOf } from './draft.js';
import type { Draft } from './draft.js';
import { addDebugSections, pointedAtEnd, standsAtEnd } from './neutral-space.js';
import { nothing } from './mutator.js';
import type { Expectation, Mutator } from './mutator.js';
import { isMergeable } from './purpose.js';
import type { Random } from './random.js';
import { View } from './view.js';

/** What the programs need beside the object. */
export interface Workshop {
  /** Where files may be written. */
  readonly directory: string;
  /** Another object, to be linked with the one that is mutated. */
  readonly companion: (random: Random) => Subject | undefined;
}

export function areInstalled(): boolean {
  return ['ld', 'objcopy', 'strip'].every((program) => succeeds(program, ['--version']));
}

function succeeds(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

class Programs {
  constructor(readonly directory: string) {
    mkdirSync(directory, { recursive: true });
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, bytes: Uint8Array): string {
    writeFileSync(this.path(name), bytes);
    return this.path(name);
  }

  /** What the program leaves in `out.o`, or undefined when it refuses. */
  run(program: string, ...args: readonly string[]): Uint8Array | undefined {
    return succeeds(program, args) ? new Uint8Array(readFileSync(this.path('out.o'))) : undefined;
  }

  link(options: readonly string[], ...objects: readonly Uint8Array[]): Uint8Array | undefined {
    const files = objects.map((bytes, k) => this.write(`in-${String(k)}.o`, bytes));
    return this.run('ld', '-r', ...options, '-o', this.path('out.o'), ...files);
  }
}

/** Ways to link one object that leave what it does alone. */
const LINK_OPTIONS: readonly (readonly string[])[] = [
  [],
  ['--unique'],
  ['--sort-section=name'],
  ['--sort-section=alignment'],
  ['--discard-locals'],
  ['--strip-debug'],
];

export function programMutators(
  { directory, companion }: Workshop,
  neutrals: readonly Mutator[],
  significants: readonly Mutator[],
): Mutator[] {
  const programs = new Programs(directory);
  const made = (what: string, patched: Uint8Array | undefined, orig?: Uint8Array): Expectation | undefined =>
    patched && { ...nothing(what), sides: { patched, ...(orig && { orig }) } };
  const fromDraft = (
    name: string,
    make: (draft: Draft, random: Random) => Expectation | undefined,
  ): Mutator => ({
    ...{ name, neutral: true, costly: true },
    apply: (view, random) => make(copyOf(view), random),
  });
  return [
    ...['--keep-file-symbols', '--strip-debug'].map((option) =>
      // Alone, --strip-debug takes the STT_FILE symbols as well.
      fromDraft(option === '--strip-debug' ? 'strip-files' : 'strip-debug', (draft, random) => {
        addDebugSections(draft, random);
        const input = programs.write('in.o', bytesOf(draft));
        const patched = programs.run('strip', '--strip-debug', option, '-o', programs.path('out.o'), input);
        return made(`strip --strip-debug ${option}`, patched);
      }),
    ),
    fromDraft('objcopy-sections', (draft) => {
      const file = programs.write('macro', Buffer.from('what a compiler says\0'));
      const edits = ['--remove-section=.comment', `--add-section=.debug_macro=${file}`, '--discard-locals'];
      const patched = programs.run(
        'objcopy',
        ...edits,
        programs.write('in.o', bytesOf(draft)),
        programs.path('out.o'),
      );
      return made(edits.join(' '), patched);
    }),
    fromDraft('link-alone', (draft, random) => {
      const options = random.pick(LINK_OPTIONS) ?? [];
      return made(`ld -r ${options.join(' ')}`, programs.link(options, bytesOf(draft)));
    }),
    fromDraft('link-with-another', (draft, random) => {
      const other = companion(random);
      const before = bytesOf(draft);
      const orig = other && programs.link([], before, other.bytes);
      if (other === undefined || orig === undefined) return undefined;
      // What has no bounds begins where what stands before it ends, and ends are where what follows begins.
      if (!isBounded(new View(draftOf(other.file)))) return undefined;
      if (isBounded(new View(draft)) && random.chance(0.3))
        return made(`ld -r, ${other.object} first`, programs.link([], other.bytes, before), orig);
      const done = random.firstOf(neutrals, (mutator) => mutator.apply(new View(draft), random));
      return made(
        `${done?.what ?? ''}, and ld -r with ${other.object}`,
        programs.link([], bytesOf(draft), other.bytes),
        orig,
      );
    }),
    {
      ...{ name: 'significant-in-linked', neutral: false, costly: true },
      apply: (view, random) => {
        const other = companion(random);
        const orig = other && programs.link([], bytesOf(view.draft), other.bytes);
        const linked = orig && subjectOf('linked', orig);
        if (other === undefined || linked === undefined) return undefined;
        const whole = new View(draftOf(linked.file));
        const found = random.firstOf(significants, (mutator) => mutator.apply(whole, random));
        if (found === undefined) return undefined;
        const what = `${found.what}, in ld -r with ${other.object}`;
        return { ...found, what, sides: { orig: linked.bytes, patched: bytesOf(whole.draft) } };
      },
    },
  ];
}

function isBounded(view: View): boolean {
  if (pointedAtEnd(view).size > 0 || view.draft.symbols.some(standsAtEnd)) return false;
  return view.things.every((thing) => {
    const { purpose, fate, symbol } = thing;
    const cut = purpose === 'pieces' || fate === 'entry' || isMergeable(view.sectionOf(thing));
    return cut || fate === 'filler' || symbol !== undefined;
  });
}

/** The same object again, so that the view stays as it was when the program refuses. */
function copyOf(view: View): Draft {
  const subject = subjectOf('copy', bytesOf(view.draft));
  if (subject === undefined) throw new Error('what was written cannot be read');
  return draftOf(subject.file);
}
