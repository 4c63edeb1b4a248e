/** Lets passes of the user speak at their places in a link, and does what they decide. */
import type { Place } from '../config.js';
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic, Location, Report } from '../diag/diagnostic.js';
import { withoutControls } from '../diag/printable.js';
import type { PairDiff } from '../model/artifacts.js';
import type { FinishedPayload, Inclusion, Selection } from '../model/payload-artifacts.js';
import type { Said } from './answers.js';
import { add, leaveOut, NO_CHOICES } from './choices.js';
import type { Choices } from './choices.js';
import type { Part, UserCode } from './user-code.js';
import { inclusionView, payloadView, selectionView } from './views.js';

type Decision = Extract<Said, { target: object }>;

/** A selection as passes left it. */
export interface Decided {
  readonly selection: Selection;
  readonly choices: Choices;
}

/** Choices that were made before: a payload is made again from its manifest. Reports XS712. */
export function repeatChoices(selection: Selection, choices: Choices, report: Report): Selection {
  let chosen = selection;
  for (const [targets, how] of [
    [choices.leftOut, leaveOut],
    [choices.added, add],
  ] as const)
    for (const target of targets) {
      const next = how(chosen, target);
      if (next === undefined) report(unknown('the manifest', how === add ? 'add' : 'drop', target, {}));
      else chosen = next;
    }
  return chosen;
}

/** Asks passes after select-changed. Reports XS707 to XS712, XS310, and what stops a pass. */
export async function decideSelection(
  code: UserCode,
  selection: Selection,
  diffs: readonly PairDiff[],
  report: Report,
  signal: AbortSignal,
): Promise<Decided> {
  let decided: Decided = { selection, choices: NO_CHOICES };
  for (const part of code.partsAt('select-changed')) {
    const all = await code.ask(part, selectionView(decided.selection, diffs), report, signal);
    if (all === undefined) return decided;
    for (const said of all) {
      if ('target' in said) decided = choose(decided, part, said, report);
      else report(spoken(part, said));
    }
  }
  if (decided.selection.roots.length === 0)
    report(
      diagnostic('XS310', {
        message: 'nothing to patch: passes left out every function that changed',
        notes: decided.choices.leftOut.map(({ object, name }) => `${object}: ${name}`).slice(0, 10),
      }),
    );
  return decided;
}

/** Asks passes that decide nothing. Reports XS707 to XS709, and what stops a pass. */
export async function hearPasses(
  code: UserCode,
  artifact: Inclusion | FinishedPayload,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const [place, view]: readonly [Place, object] =
    artifact.kind === 'inclusion'
      ? ['include-closure', inclusionView(artifact)]
      : ['emit-notes', payloadView(artifact)];
  for (const part of code.partsAt(place)) {
    const all = await code.ask(part, view, report, signal);
    if (all === undefined) return;
    for (const said of all) if (!('target' in said)) report(spoken(part, said));
  }
}

function choose(
  { selection, choices }: Decided,
  part: Part,
  { say, message, target }: Decision,
  report: Report,
): Decided {
  const { object, name } = target;
  const reason = withoutControls(message);
  const next = (say === 'add' ? add : leaveOut)(selection, target);
  if (next === undefined) {
    report(unknown(`pass ${part.name}`, say, target, { object: part.file }));
    return { selection, choices };
  }
  const at: Location = { object, symbol: name };
  if (say === 'add') {
    report(diagnostic('XS711', { message: `added by pass ${part.name}: ${reason}`, at }));
    return { selection: next, choices: { ...choices, added: [...choices.added, target] } };
  }
  report(diagnostic('XS710', { message: `left out by pass ${part.name}: ${reason}`, at }));
  return { selection: next, choices: { ...choices, leftOut: [...choices.leftOut, target] } };
}

function unknown(
  who: string,
  say: 'drop' | 'add',
  { object, name }: { readonly object: string; readonly name: string },
  at: Location,
): Diagnostic {
  const what = `${withoutControls(name)} of ${withoutControls(object)}`;
  const drop = say === 'drop';
  return diagnostic('XS712', {
    message: `${who} ${drop ? 'leaves out' : 'adds'} ${what}, which is not ${drop ? 'a function that changed' : 'a function that can be added'}`,
    at,
    hint: `take objects and names from \`${drop ? 'functions' : 'unchanged'}\` of the view`,
  });
}

const CODES = { veto: 'XS707', warn: 'XS708', note: 'XS709' } as const;

function spoken(part: Part, { say, message, about }: Exclude<Said, Decision>): Diagnostic {
  const [first, ...notes] = message.split('\n').map((line) => withoutControls(line));
  const at: Location = {
    ...(about?.object !== undefined && { object: about.object }),
    ...(about?.function !== undefined && { symbol: about.function }),
  };
  return diagnostic(CODES[say], {
    message: `pass ${part.name}: ${first}`,
    at: Object.keys(at).length === 0 ? { object: part.file } : at,
    notes,
    ...(about?.hint !== undefined && { hint: withoutControls(about.hint) }),
  });
}
