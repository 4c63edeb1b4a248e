/**
 * A modelled host with its live patches, asked for one thing after the other. What was asked and what came is kept;
 * when the host dies, it is asked for nothing more.
 */
import type { EngineMaker } from '../emulator/engine.js';
import { HostDied } from '../hypervisor/host-died.js';
import { LivePatching, quietScenario } from '../hypervisor/livepatch.js';
import type { Outcome } from '../hypervisor/livepatch.js';
import { loadPayload, unloadPayload } from '../hypervisor/loader/load.js';
import { ScriptedMachine } from '../hypervisor/machine/scripted-machine.js';
import { XenMachine } from '../hypervisor/machine/machine.js';
import { UnusableImage } from '../hypervisor/machine/map-image.js';
import type { LoadedPayload } from '../hypervisor/payload.js';
import { Processors } from '../hypervisor/processors.js';
import type { LoaderProfile } from '../hypervisor/profiles.js';
import type { XenImage } from '../xen/image.js';
import { imageProfileOf } from '../hypervisor/choose-profile.js';
import { finish } from '../run/steps.js';
import type { Steps } from '../run/steps.js';
import type { PayloadFile, StepResult } from './validation.js';

/** Xen takes names of 127 characters and one zero byte. */
const LONGEST_NAME = 127;

export interface HostOptions {
  readonly profile: LoaderProfile;
  readonly cpus: number;
  readonly buildId?: Uint8Array;
  readonly features?: readonly number[];
  readonly msrs?: ReadonlyMap<number, bigint | undefined>;
  /** Instructions that it runs in all. */
  readonly instructions?: number;
  readonly engine?: EngineMaker;
}

/** What killed the host, and what it was asked for then. */
export interface Death {
  readonly during: string;
  readonly reason: string;
  readonly console: readonly string[];
}

export class Host {
  readonly machine: XenMachine;
  readonly patching: LivePatching;
  readonly steps: StepResult[] = [];
  death: Death | undefined;

  /** Throws UnusableImage. */
  constructor(image: XenImage, options: HostOptions) {
    const { msrs, ...others } = options;
    const { cpus } = options;
    const imageProfile = imageProfileOf(image) ?? options.profile;
    const device = msrs && { device: new ScriptedMachine(msrs) };
    this.machine = new XenMachine(image, { ...others, ...device, imageProfile });
    const idle = Array.from({ length: cpus }, () => ({ kind: 'idle' }) as const);
    const describe = (address: bigint): string => this.machine.describe(address);
    try {
      this.patching = new LivePatching(
        this.machine,
        { loadPayload, unloadPayload },
        quietScenario(new Processors(idle)),
        describe,
      );
    } catch (thrown) {
      throw thrown instanceof HostDied ? new UnusableImage(thrown.reason) : thrown;
    }
    this.machine.nameBeyond = (address) => this.nameInPayload(address);
  }

  /** `function+0x12 of payload`. */
  private nameInPayload(address: bigint): string | undefined {
    for (const { name, text, symbols } of this.patching.lists.known) {
      if (address < text.start || address >= text.end) continue;
      const below = symbols.filter((one) => one.address <= address);
      const nearest = below.reduce((a, b) => (b.address > a.address ? b : a), below[0]);
      if (nearest === undefined) return undefined;
      const distance = address - nearest.address;
      return `${nearest.name}${distance === 0n ? '' : `+0x${distance.toString(16)}`} of ${name}`;
    }
    return undefined;
  }

  /** The payloads that are uploaded, in that order. */
  get loaded(): readonly LoadedPayload[] {
    return this.patching.lists.loaded();
  }

  upload(name: string, bytes: Uint8Array): boolean {
    return this.step('upload', name, () => this.patching.upload(name, bytes));
  }

  apply(name: string, nodeps = false): boolean {
    return this.step('apply', name, () => this.patching.apply(name, nodeps ? { nodeps } : {}));
  }

  replace(name: string): boolean {
    return this.step('replace', name, () => this.patching.replace(name));
  }

  revert(name: string): boolean {
    return this.step('revert', name, () => this.patching.revert(name));
  }

  unload(name: string): boolean {
    return this.step('unload', name, () => this.patching.unload(name));
  }

  /** Does one thing; whether it went well. */
  private step(action: StepResult['action'], payload: string, work: () => Outcome): boolean {
    const outcome = this.survive(`${action} ${payload}`, work);
    if (outcome === undefined) return false;
    const rc = outcome.rc < 0 ? outcome.rc : (outcome.status?.rc ?? 0);
    const { console, why } = outcome;
    this.steps.push({ action, payload, rc, console, ...(why !== undefined && { why }) });
    return rc === 0;
  }

  /** Does something that the host may die of; undefined when it did, or was dead already. */
  survive<T>(during: string, work: () => T): T | undefined {
    return finish(
      this.surviveSteps(during, function* () {
        return work();
      }),
    );
  }

  /** The same in steps. */
  *surviveSteps<T>(during: string, work: () => Steps<T>): Steps<T | undefined> {
    if (this.death !== undefined) return undefined;
    const mark = this.machine.console.lines.length;
    try {
      return yield* work();
    } catch (thrown) {
      if (!(thrown instanceof HostDied)) throw thrown;
      this.death = { during, reason: thrown.reason, console: this.machine.console.since(mark) };
      return undefined;
    }
  }
}

/** Names for payloads in the hypervisor: those of their files, made different where they are not. */
export function namesOf(payloads: readonly PayloadFile[]): string[] {
  const taken = new Set<string>();
  return payloads.map(({ path }) => {
    const file = path.replace(/^.*[/\\]/, '').replace(/\.(xsplice|livepatch)$/, '');
    const base = file.replace(/[^\x21-\x7e]/g, '_').slice(0, LONGEST_NAME - 8) || 'payload';
    let name = base;
    for (let k = 2; taken.has(name); k++) name = `${base}.${k}`;
    taken.add(name);
    return name;
  });
}
