/**
 * Payloads for the rows of the validator: three cases of test/xen, built once from the tree that `make xen-test`
 * keeps in the cache, for the xen-syms of the same tree; and a scenario for one of them.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../../src/cache-directory.js';
import { XEN_VERSION } from '../../src/qemu/debian.js';
import { loadCases } from '../xen/cases.js';
import { buildCase } from '../xen/payloads.js';

export interface Proofs {
  readonly xenSyms: string;
  /** One small function. */
  readonly single: string;
  /** Two, the second on top of the first. */
  readonly stack: readonly [string, string];
  /** Of the single one. */
  readonly scenario: string;
}

const SCENARIO = {
  scenario: 1,
  title: 'functions beside the patched one answer as before',
  cpus: 2,
  calls: [
    { call: 'xen_minor_version', before: { returns: 17 }, applied: { returns: 17 }, reverted: 'before' },
    { call: 'xen_extra_version', type: 'text', before: {}, applied: {}, reverted: {} },
  ],
  rendezvous: [
    {
      cpus: [{ cpu: 1, arrives_after_us: 50_000, stack: ['do_domctl'] }],
      expect: { errno: 'EBUSY' },
    },
  ],
};

/** Builds them in `work`; undefined where the tree is missing, and throws when one does not build. */
export async function makeProofs(work: string, log: (line: string) => void): Promise<Proofs | undefined> {
  const tree = join(cacheDirectory(), `xen-tree-${XEN_VERSION}`, 'tree');
  const xenSyms = join(tree, 'xen', 'xen-syms');
  if (!existsSync(xenSyms)) return undefined;
  const cases = loadCases();
  const shop = { tree, xen_syms: xenSyms, work, cases };
  const paths: string[] = [];
  for (const name of ['static-function', 'two-files', 'stacked']) {
    const one = cases.get(name);
    if (one === undefined) throw new Error(`there is no case ${name} in test/xen`);
    log(`building the payload ${name}`);
    const { payload, checks } = await buildCase(shop, one);
    if (payload === null) throw new Error(`${name}: ${checks.flatMap(({ detail }) => detail).join('\n')}`);
    paths.push(join(work, `${name}.xsplice`));
  }
  const scenario = join(work, 'scenario.json');
  writeFileSync(scenario, JSON.stringify(SCENARIO));
  const [single, below, above] = paths;
  return { xenSyms, single, stack: [below, above], scenario };
}
