/**
 * Hooks of a payload: arrays of pointers for load and unload, a single pointer for what runs around and instead of
 * applying and reverting. Sections of hooks that the release does not know are data to it.
 * Source: LIVEPATCH_ASSIGN_MULTI_HOOK() and LIVEPATCH_ASSIGN_SINGLE_HOOK() in xen/common/livepatch.c.
 */
import type { HookKind } from '../profiles.js';
import { countEntries, hookSectionName } from './required-sections.js';
import type { SectionTable } from './sections.js';
import type { Upload } from './upload.js';

const POINTER_SIZE = 8;

export interface HookPointers {
  readonly address: bigint;
  readonly count: number;
}

export function findHooks(upload: Upload, table: SectionTable): ReadonlyMap<HookKind, HookPointers> {
  const { profile } = upload.guest;
  const hooks = new Map<HookKind, HookPointers>();
  for (const kind of profile.hooks) {
    const section = table.named(hookSectionName(profile.abi, kind));
    if (section === undefined) continue;
    const count = countEntries(upload, section, POINTER_SIZE);
    const single = kind !== 'load' && kind !== 'unload';
    if (single && count !== 1)
      throw upload.silently('EINVAL', `${section.name} has ${count} pointers, and must have one`);
    hooks.set(kind, { address: section.loadAddress, count });
  }
  return hooks;
}
