/** The emulated hypervisor, as what is held against the real one: a fresh host for each question. */
import { HostDied } from '../../src/hypervisor/host-died.js';
import { textAt } from '../../src/hypervisor/guest-memory.js';
import { PayloadState } from '../../src/hypervisor/hypercall.js';
import type { Outcome } from '../../src/hypervisor/livepatch.js';
import type { LoaderProfile } from '../../src/hypervisor/profiles.js';
import { Host } from '../../src/validate/host.js';
import type { XenImage } from '../../src/xen/image.js';
import { DiedOfIt } from './mutants/judge.js';
import type { MutantJudge } from './mutants/judge.js';
import type { Verdict } from './mutants/verdict.js';
import type { ModelHost } from './replay.js';

/** As many as QEMU is given. */
const CPUS = 2;

/** A host of its own, with nothing loaded. */
export function emulatedHost(image: XenImage, profile: LoaderProfile): ModelHost {
  const { machine, patching } = new Host(image, { profile, cpus: CPUS });
  const answer = (ask: () => Outcome): Verdict => {
    const mark = machine.console.lines.length;
    try {
      const { rc, status, console } = ask();
      return { rc: rc < 0 ? rc : (status?.rc ?? 0), console };
    } catch (thrown) {
      if (!(thrown instanceof HostDied)) throw thrown;
      throw new DiedOfIt([...machine.console.since(mark), `(${thrown.reason})`]);
    }
  };
  return {
    upload: (name, payload) => answer(() => patching.upload(name, payload)),
    act: (action, name, nodeps = false) => answer(() => patching[action](name, { nodeps })),
    state: (name) => {
      const state = patching.get(name).status?.state;
      if (state === undefined) return undefined;
      return state === PayloadState.APPLIED ? 'APPLIED' : 'CHECKED';
    },
    loaded: () => patching.lists.loaded().map(({ name }) => name),
    extraVersion: () => textAt(machine.memory, machine.call(machine.lookup('xen_extra_version'))) ?? '',
  };
}

export function emulatorJudge(image: XenImage, profile: LoaderProfile): MutantJudge {
  return { host: () => emulatedHost(image, profile) };
}
