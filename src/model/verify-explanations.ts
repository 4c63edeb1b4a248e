/** What explanations promise: lines that are marked do differ, and wherever code differs some are marked. */
import type { ChangedFunction, CodeExcerpt, ExcerptLine } from './explanation.js';

export function verifyExplanations(changed: readonly ChangedFunction[]): string[] {
  return changed.flatMap((one) => complaints(one).map((what) => `${one.name}: ${what}`));
}

function complaints({ kind, reason, orig, patched }: ChangedFunction): string[] {
  const found: string[] = [];
  if (reason === '' || reason.includes('\n')) found.push('the reason is not one line');
  const [olds, news] = [marked(orig), marked(patched)];
  // A cold part that changed with its function is the same itself.
  if (olds.length + news.length === 0 && kind !== 'cold-part') found.push('no line is marked');
  if (olds.length > 0 && olds.join('\n') === news.join('\n'))
    found.push(`what is marked is equal: ${olds.join('; ')}`);
  return found;
}

function marked(lines: CodeExcerpt | null): string[] {
  return (lines ?? []).filter(({ differs }) => differs).map(spelt);
}

const spelt = ({ of, at, bytes, text, refs }: ExcerptLine): string =>
  [of, at.toString(16), bytes, text, ...refs].join(' ');
