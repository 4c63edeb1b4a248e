/**
 * The hooks that Xen's loader knows, by the last part of their section's name. `load` and `unload` are lists; of the
 * others there is one each. Source: docs/misc/livepatch.pandoc; 4.7 knows none, 4.8 the first two, 4.14 all.
 */
import type { PayloadAbi } from './versions.js';

interface HookKind {
  /** Any number of functions, called in order. */
  readonly list: boolean;
  /** Before or after the processors come together; payloads with these cannot be used with REPLACE. */
  readonly outside: boolean;
}

const KINDS = new Map<string, HookKind>([
  ['load', { list: true, outside: false }],
  ['unload', { list: true, outside: false }],
  ['preapply', { list: false, outside: true }],
  ['apply', { list: false, outside: false }],
  ['postapply', { list: false, outside: true }],
  ['prerevert', { list: false, outside: true }],
  ['revert', { list: false, outside: false }],
  ['postrevert', { list: false, outside: true }],
]);

/** The kind of hook that a section holds pointers to, or undefined when this loader would pass over it. */
export function hookKind(section: string, abi: PayloadAbi): HookKind | undefined {
  const kind = KINDS.get(section.slice(section.lastIndexOf('.') + 1));
  return abi.name === 'livepatch-v2' || kind?.list === true ? kind : undefined;
}

/** The names of the hooks that a loader knows. */
export function hookNames(abi: PayloadAbi): string[] {
  return [...KINDS.keys()].filter((name) => hookKind(name, abi) !== undefined);
}

/** Bytes of a pointer to a hook. */
export const HOOK_SIZE = 8;
