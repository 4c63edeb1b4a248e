/** `--splice WAY` and `--splice FUNC=WAY`, of commands that make payloads. */
import { InvalidArgumentError, Option } from 'commander';
import type { SpliceChoice, SpliceWish } from '../index.js';

const CHOICES: readonly SpliceChoice[] = ['trampoline', 'in-place', 'callers', 'auto'];

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
  const cut = text.lastIndexOf('=');
  const way = CHOICES.find((choice) => choice === text.slice(cut + 1));
  if (way === undefined || cut === 0)
    throw new InvalidArgumentError(`give one of ${CHOICES.join(', ')}, or FUNCTION=WAY.`);
  const wish = cut < 0 ? { way } : { function: text.slice(0, cut), way };
  return [...(before ?? []), wish];
}
