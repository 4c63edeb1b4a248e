/**
 * Both sides of a function as lines of a diagnostic: `-` as the object has it, `+` as the image has it, nothing for
 * both; offsets are those of the image.
 */
import type { BaseExcerpt } from './explain-base.js';
import type { ExcerptLine } from './explanation.js';

/** Lines that a diagnostic shows of one function. */
const MOST_LINES = 24;

export function baseFrame({ object, image }: BaseExcerpt): string[] {
  const [old, fresh] = [object ?? [], image ?? []];
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    for (; i < old.length && old[i].differs; i++) lines.push(...shown('-', old[i]));
    for (; j < fresh.length && fresh[j].differs; j++) lines.push(...shown('+', fresh[j]));
    const both = j < fresh.length ? fresh[j] : old.at(i);
    if (both !== undefined && (i < old.length || j < fresh.length)) lines.push(...shown(' ', both));
    i++;
    j++;
  }
  return lines.slice(0, MOST_LINES);
}

function shown(marker: string, { of, at, bytes, text, refs }: ExcerptLine): string[] {
  const place = of === '' ? at.toString(16) : `${of}+0x${at.toString(16)}`;
  const line = `${marker} ${place.padStart(4)}: ${bytes.padEnd(30)}  ${text}`.trimEnd();
  const unsaid = refs.filter((ref) => !text.includes(ref.split(' ').slice(2).join(' ')));
  return [line, ...unsaid.map((ref) => `${marker}       ${ref}`)];
}
