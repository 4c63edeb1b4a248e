/** `--splice WAY` and `--splice FUNC=WAY`, of commands that make payloads. */
import { InvalidArgumentError, Option } from 'commander';
import { parseSpliceWish, SPLICE_CHOICES } from '../model/splice-wishes.js';
import type { SpliceWish } from '../model/splice-wishes.js';

export interface SpliceOptions {
  readonly splice?: readonly SpliceWish[];
}

export function spliceOption(): Option {
  return new Option(
    '--splice <[function=]way>',
    'how new functions get into the hypervisor: trampoline (the default), in-place, callers, or auto; for all, or for one; may be given several times',
  ).argParser(collectWish);
}

function collectWish(text: string, before: readonly SpliceWish[] | undefined): readonly SpliceWish[] {
  const wish = parseSpliceWish(text);
  if (wish === undefined)
    throw new InvalidArgumentError(`give one of ${SPLICE_CHOICES.join(', ')}, or FUNCTION=WAY.`);
  return [...(before ?? []), wish];
}
