/**
 * Finds the cases: each directory of test/xen with a case.json. See README.md there for the format.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCaseFile, parseStep } from '../../src/qemu/case-file.js';
import type { CaseFile } from '../../src/qemu/case-file.js';
import type { Step } from '../../src/qemu/scenario.js';

/** Top of the repository; this file runs as dist/test/xen/cases.js. */
export const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const CASES = path.join(REPOSITORY, 'test/xen');

export interface Case extends CaseFile {
  /** Name of the directory; also the name of the payload in the guest. */
  readonly name: string;
  /** The patches as absolute paths. */
  readonly patch_files: readonly string[];
  /** The scenario that lies beside the case, for the emulated hypervisor. */
  readonly scenario: string | null;
}

/** All cases by name. Throws when a case.json is malformed or names a case that does not exist. */
export function loadCases(): ReadonlyMap<string, Case> {
  const names = readdirSync(CASES).filter((name) => existsSync(path.join(CASES, name, 'case.json')));
  const cases = new Map(
    names.sort().map((name) => {
      const file = path.join(CASES, name, 'case.json');
      const parsed = parseCaseFile(readFileSync(file, 'utf8'), path.relative(REPOSITORY, file));
      const patch_files = parsed.patches.map((patch) => path.resolve(CASES, name, patch));
      const beside = path.join(CASES, name, 'scenario.json');
      return [name, { ...parsed, name, patch_files, scenario: existsSync(beside) ? beside : null }];
    }),
  );
  for (const { name, on_top_of, uses } of cases.values()) {
    for (const other of [...on_top_of, ...uses]) {
      if (!cases.has(other)) throw new Error(`test/xen/${name}/case.json: there is no case "${other}"`);
    }
  }
  return cases;
}

/** The cases whose payloads must exist before `wanted` can run, themselves included, lowest first. */
export function withPrerequisites(
  wanted: readonly Case[],
  cases: ReadonlyMap<string, Case>,
): readonly Case[] {
  const ordered = new Set<Case>();
  const visit = (one: Case): void => {
    for (const name of [...one.on_top_of, ...one.uses]) {
      const other = cases.get(name);
      if (other !== undefined && !ordered.has(other)) visit(other);
    }
    ordered.add(one);
  };
  wanted.forEach(visit);
  return [...ordered];
}

/** The steps that put Xen's own test payloads through what they are known to do. */
export function ownPayloadSteps(): readonly Step[] {
  const place = 'test/xen/xen-own-payloads/steps.json';
  const parsed: unknown = JSON.parse(readFileSync(path.join(REPOSITORY, place), 'utf8'));
  if (typeof parsed !== 'object' || parsed === null || !('steps' in parsed) || !Array.isArray(parsed.steps)) {
    throw new Error(`${place}: "steps" is missing`);
  }
  return parsed.steps.map((step: unknown, index) => parseStep(step, `${place}: step ${String(index + 1)}`));
}
