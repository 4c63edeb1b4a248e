/**
 * Brings a scratch tree into the state that a patch plan describes, and make to notice it.
 */
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PatchPlan, PlannedFile } from './patch-series.js';
import { isBuildInput } from './tree-files.js';

/** The files of a plan that the hypervisor is built from; only these are in a scratch tree. */
export function buildFiles(plan: PatchPlan): readonly PlannedFile[] {
  return plan.files.filter((file) => isBuildInput(file.path));
}

/**
 * Marks the files that the plan changes as new, without changing them. make then compiles what depends on
 * them once more, so that the original side of every pair comes from the same place and the same compiler as
 * the patched one, and not from whatever built the user's tree.
 */
export async function touchOriginals(plan: PatchPlan, top: string): Promise<void> {
  const now = new Date();
  for (const file of buildFiles(plan)) {
    if (file.before !== undefined) await utimes(join(top, file.path), now, now);
  }
}

/** Writes, creates and deletes files below `top` (absolute). Throws operating system errors. */
export async function writePlan(plan: PatchPlan, top: string): Promise<void> {
  for (const file of buildFiles(plan)) {
    const target = join(top, file.path);
    await rm(target, { force: true });
    if (file.after === undefined) continue;
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, Buffer.from(file.after.text, 'latin1'), { mode: file.after.mode | 0o600 });
  }
}
