/** What is wrong with a tree that is not that of the image, in one sentence: the likeliest cause before all numbers. */
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { BaseProof } from './base-artifacts.js';

/** XS431 when anything differs, and what was wrong with the objects. */
export function baseDiagnostics({ image, objects, causes, counts }: BaseProof): Diagnostic[] {
  const ofObjects = objects.flatMap(({ diagnostics }) => diagnostics);
  if (counts.differ === 0) return ofObjects;
  const [first, ...others] = causes;
  const found = diagnostic('XS431', {
    message: `the tree is not that of ${image}: ${counts.differ} of ${counts.functions} functions differ`,
    at: { object: image },
    notes: [first, ...others].map(({ text, certain }) => `${certain ? 'cause' : 'likely cause'}: ${text}`),
    hint: 'build from exactly the source, .config and compiler of the running hypervisor',
  });
  return [...ofObjects, found];
}
