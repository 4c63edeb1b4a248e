/**
 * The live-patch hypercalls of a modelled hypervisor, and the work that they leave behind: an action is checked while
 * its caller waits, and done when all processors have come together, which is runPendingWork().
 *
 * Once the host has died, every call throws what killed it. Source: livepatch_op(), livepatch_upload(),
 * livepatch_get(), schedule_work() and check_for_livepatch_work() in xen/common/livepatch.c.
 */
import { Actions } from './actions.js';
import { ActionOperations, noReplace } from './action-operation.js';
import type { WorkAction } from './action-operation.js';
import { Errno, XenError } from './errno.js';
import { GuestAccess } from './guest-access.js';
import { GuestPayload } from './guest-payload.js';
import type { Guest } from './guest.js';
import { Hooks } from './hooks.js';
import { HostDied } from './host-died.js';
import { DEFAULT_TIMEOUT, FLAG_FORCE, MAX_PAYLOAD_BYTES, NAME_SIZE, OperationCommand } from './hypercall.js';
import type {
  ActionOperation,
  Answer,
  ListAnswer,
  Operation,
  OperationName,
  PayloadStatus,
  UploadOperation,
} from './hypercall.js';
import { listPayloads } from './list-operation.js';
import type { LoadedPayload } from './payload.js';
import { payloadLayout } from './payload-layout.js';
import type { PayloadLayout } from './payload-layout.js';
import { PayloadLists } from './payload-lists.js';
import { panic, sayLastWords } from './panic.js';
import { Processors } from './processors.js';
import { awaitMoment, changedBy, explainObstructions } from './moment.js';
import type { Moment } from './moment.js';
import { explainLateness } from './rendezvous.js';
import { actionOperation, getOperation, listOperation, uploadOperation } from './well-formed.js';
import type { ActionSettings } from './well-formed.js';

/**
 * Makes a payload of the bytes of a file, and takes it down again. Where regions are registered from upload on, it
 * does that, too.
 */
export interface PayloadLoader {
  /** `loaded`: what is there already, in order. Throws XenError with the guest's memory as it was. */
  loadPayload(guest: Guest, loaded: readonly LoadedPayload[], name: string, raw: Uint8Array): LoadedPayload;
  unloadPayload(guest: Guest, payload: LoadedPayload): void;
}

/** What of the rest of the machine decides whether a patch can be applied. A scenario changes it as it likes. */
export interface Scenario {
  readonly processors: Processors;
  /** The processor whose guest makes the hypercalls. */
  hypercallCpu: number;
  /** Of a domain with a vCPU asleep in a wait queue of vm_event. */
  waitingDomain: number | undefined;
  /** A processor is being plugged in or out, so that their map is locked. */
  cpuMapsLocked: boolean;
}

export function quietScenario(processors: Processors = new Processors()): Scenario {
  return { processors, hypercallCpu: 0, waitingDomain: undefined, cpuMapsLocked: false };
}

/** What became of scheduled work. */
export interface WorkReport {
  readonly payload: string;
  readonly action: WorkAction;
  /** payload->rc at the end. */
  readonly rc: number;
  /** Undefined when the processors were not even called, for their map was locked. */
  readonly rendezvous: Moment | undefined;
  /** A line for each processor that was late, or where it must not be. */
  readonly lateness: readonly string[];
}

/** What a caller sees who waits until the work is done. */
export interface Outcome {
  /** Of the hypercall. */
  readonly rc: number;
  /** Of the payload afterwards; undefined when there is none of that name. */
  readonly status: PayloadStatus | undefined;
  /** Undefined when nothing was scheduled. */
  readonly work: WorkReport | undefined;
  readonly console: readonly string[];
  /** Why the hypercall was refused; Xen may not say so. */
  readonly why?: string;
}

/** What is done while all processors wait: the method of Actions for each. */
const METHODS = { APPLY: 'apply', REVERT: 'revert', REPLACE: 'replace' } as const;

interface Work {
  readonly payload: GuestPayload;
  readonly action: WorkAction;
  readonly timeout: number;
}

export class LivePatching {
  readonly lists: PayloadLists;
  readonly hooks: Hooks;
  private readonly access: GuestAccess;
  private readonly layout: PayloadLayout;
  private readonly prefix: string;
  private readonly actions: Actions;
  private readonly operations: ActionOperations;
  /** livepatch_work, while do_work is set. */
  private work: Work | undefined;
  private died: HostDied | undefined;

  /** `describe` names a code address, for reports. */
  constructor(
    readonly guest: Guest,
    private readonly loader: PayloadLoader,
    readonly scenario: Scenario = quietScenario(),
    private readonly describe: (address: bigint) => string = (address) => `0x${address.toString(16)}`,
  ) {
    this.access = new GuestAccess(guest);
    this.layout = payloadLayout(guest.profile);
    this.prefix = `${guest.profile.abi.sectionPrefix.slice(1)}: `;
    this.hooks = new Hooks(this.access);
    const { offsets } = this.layout;
    this.lists = new PayloadLists(this.access, offsets.get('list') ?? 0, offsets.get('applied_list') ?? 0);
    this.actions = new Actions(this.access, this.lists, this.hooks, this.prefix, () => this.scenario);
    this.operations = new ActionOperations(this.access, this.lists, this.hooks, this.prefix, {
      schedule: (payload, action, timeout) => this.schedule(payload, action, timeout),
      free: (payload) => this.free(payload),
    });
  }

  /** Whether an action waits for the processors. */
  get workPending(): boolean {
    return this.work !== undefined;
  }

  /** One hypercall. Throws HostDied when the host does not survive it. */
  operate(op: Operation): Answer {
    return this.alive(() => {
      try {
        return this.dispatch(op);
      } catch (thrown) {
        if (!(thrown instanceof XenError)) throw thrown;
        const { rc, why } = thrown;
        return { rc, ...(why !== undefined && { why }) };
      }
    });
  }

  /** Uploads a file and tells what became of it; so do all that follow, after the work that they schedule. */
  upload(name: string, payload: Uint8Array): Outcome {
    return this.carryOut(name, uploadOperation(name, payload));
  }

  get(name: string): Outcome {
    return this.carryOut(name, getOperation(name));
  }

  apply(name: string, settings?: ActionSettings): Outcome {
    return this.carryOut(name, actionOperation(name, 'APPLY', settings));
  }

  revert(name: string, settings?: ActionSettings): Outcome {
    return this.carryOut(name, actionOperation(name, 'REVERT', settings));
  }

  replace(name: string, settings?: ActionSettings): Outcome {
    return this.carryOut(name, actionOperation(name, 'REPLACE', settings));
  }

  unload(name: string): Outcome {
    return this.carryOut(name, actionOperation(name, 'UNLOAD'));
  }

  /** All payloads in the order of their uploads. */
  list(): ListAnswer {
    const sizes = this.operate(listOperation()).list;
    if (sizes === undefined) throw new Error('LIST refused a well-formed question');
    const packed = this.guest.profile.metadata;
    const names = packed ? sizes.name_total_size : sizes.nr * NAME_SIZE;
    const answer = this.operate(listOperation(sizes.nr, names, sizes.metadata_total_size));
    if (answer.list === undefined) throw new Error('LIST refused a well-formed question');
    return answer.list;
  }

  private carryOut(name: string, op: Operation): Outcome {
    const mark = this.guest.console.lines.length;
    const { rc, why } = this.operate(op);
    const work = this.runPendingWork();
    const { status } = this.operate(getOperation(name));
    const console = this.guest.console.since(mark);
    return { rc, status, work, console, ...(why !== undefined && { why }) };
  }

  /** Brings the processors together and does what is scheduled; undefined when nothing is. */
  runPendingWork(): WorkReport | undefined {
    return this.alive(() => (this.work === undefined ? undefined : this.doWork(this.work)));
  }

  private alive<T>(step: () => T): T {
    if (this.died !== undefined) throw this.died;
    try {
      return step();
    } catch (thrown) {
      const said = sayLastWords(this.guest.console, thrown);
      if (said instanceof HostDied) this.died = said;
      throw said;
    }
  }

  private dispatch(op: Operation): Answer {
    if (this.flagsRefused(op.flags)) throw new XenError('EINVAL');
    switch (op.cmd) {
      case OperationCommand.UPLOAD:
        return this.performUpload(op);
      case OperationCommand.GET: {
        const { state, rc } = this.find(nameOf(op.name));
        return { rc: 0, status: { state, rc } };
      }
      case OperationCommand.LIST:
        return listPayloads(this.access, this.lists, op);
      case OperationCommand.ACTION:
        return { rc: this.performAction(op) };
      default:
        throw new XenError('EOPNOTSUPP');
    }
  }

  private flagsRefused(flags: number): boolean {
    if (!this.guest.profile.operationFlags) return flags !== 0;
    return (flags & ~FLAG_FORCE) !== 0 && (flags & FLAG_FORCE) === 0;
  }

  private performUpload({ name: given, size, payload: handle }: UploadOperation): Answer {
    const name = uploadName(given);
    if (size < 1 || size > MAX_PAYLOAD_BYTES)
      throw new XenError('EINVAL', `it has ${size} bytes; a payload has 1 to ${MAX_PAYLOAD_BYTES}`);
    if (handle === 'outside') throw new XenError('EFAULT');
    if (this.lists.find(name) !== undefined) throw new XenError('EEXIST');
    if (handle === 'unmapped' || size > handle.length) throw new XenError('EFAULT');
    const raw = handle.slice(0, size);
    const loaded = this.loader.loadPayload(this.guest, this.lists.loaded(), name, raw);
    this.lists.add(this.keep(loaded));
    return { rc: 0 };
  }

  /** The structure of a payload that was loaded; where there is no memory for it, the payload goes again. */
  private keep(loaded: LoadedPayload): GuestPayload {
    try {
      return new GuestPayload(this.access, this.layout, loaded);
    } catch (thrown) {
      if (thrown instanceof XenError) this.loader.unloadPayload(this.guest, loaded);
      throw thrown;
    }
  }

  private find(name: string): GuestPayload {
    const payload = this.lists.find(name);
    if (payload === undefined) throw new XenError('ENOENT');
    return payload;
  }

  private performAction(op: ActionOperation): number {
    if (this.guest.profile.actionFlags && op.pad !== 0) throw new XenError('EINVAL');
    const payload = this.find(nameOf(op.name));
    if (this.work?.payload === payload) throw new XenError('EBUSY');
    return this.operations.perform(payload, op);
  }

  private free(payload: GuestPayload): void {
    this.lists.delete(payload);
    this.loader.unloadPayload(this.guest, payload.loaded);
    payload.free();
  }

  private schedule(payload: GuestPayload, action: WorkAction, timeout: number): number {
    if (this.work !== undefined) return -Errno.EBUSY;
    if (this.scenario.cpuMapsLocked) {
      this.print(payload, 'unable to get cpu_maps lock!');
      return -Errno.EBUSY;
    }
    this.work = { payload, action, timeout: timeout >>> 0 || DEFAULT_TIMEOUT };
    this.debug(payload, `timeout is ${this.work.timeout}ns`);
    return 0;
  }

  /** The master's part. */
  private doWork({ payload, action, timeout }: Work): WorkReport {
    const { processors, hypercallCpu: cpu } = this.scenario;
    if (this.scenario.cpuMapsLocked) {
      this.print(payload, `CPU${cpu} - unable to get cpu_maps lock!`);
      payload.rc = -Errno.EBUSY;
      this.work = undefined;
      return { payload: payload.name, action, rc: payload.rc, rendezvous: undefined, lateness: [] };
    }
    const others = processors.count - 1;
    if (others > 0) this.debug(payload, `CPU${cpu} - IPIing the other ${others} CPUs`);
    const { idleLoopOnly, checksStacks } = this.guest.profile;
    const met = awaitMoment({
      processors,
      master: cpu,
      timeout,
      idleLoopOnly,
      stops: checksStacks,
      changes: this.changesOf(payload, action),
    });
    const inTime = met.latecomers.length === 0 && met.obstructions.length === 0;
    if (inTime) payload.rc = this.actions[METHODS[action]](payload, cpu);
    else this.giveUp(payload, met);
    this.work = undefined;
    if (inTime) this.callPostHook(payload, action, cpu);
    const { rc, name } = payload;
    this.guest.console.print(`${this.prefix}${name} finished ${action} with rc=${rc}`);
    const lateness = [...explainLateness(met, this.describe), ...explainObstructions(met, this.describe)];
    return { payload: name, action, rc, rendezvous: met, lateness };
  }

  /** Which code an action changes: for REPLACE also that of what it reverts. */
  private changesOf(payload: GuestPayload, action: WorkAction): (address: bigint) => boolean {
    const others = action === 'REPLACE' ? this.lists.applied() : [];
    const all = [payload, ...others].map(({ loaded }) => changedBy(loaded));
    return (address) => all.some((changes) => changes(address));
  }

  private giveUp(payload: GuestPayload, { phases, obstructions, attempts }: Moment): void {
    payload.rc = -Errno.EBUSY;
    if (obstructions.length > 0) {
      const [{ cpu, address }] = obstructions;
      const where = this.guest.describeAddress?.(address) ?? `0x${address.toString(16)}`;
      this.print(payload, `CPU${cpu} is in ${where}, gave up after ${attempts.length} attempts`);
      return;
    }
    const { name, present, expected } = phases[phases.length - 1];
    this.print(payload, `Timed out on semaphore in ${name} quiesce phase ${present}/${expected}`);
  }

  /** After the processors have left. Payloads with such hooks were refused for REPLACE; none can have come since. */
  private callPostHook(payload: GuestPayload, action: WorkAction, cpu: number): void {
    if (action === 'REPLACE') {
      if (this.hooks.anyVetoing(payload))
        throw panic(this.guest.console, this.prefix + noReplace(payload.name), cpu);
      return;
    }
    const kind = action === 'APPLY' ? 'postapply' : 'postrevert';
    if (!this.hooks.enabled(payload, kind)) return;
    const words = action === 'APPLY' ? 'post-apply' : 'post-revert';
    this.print(payload, `Calling ${words} hook function with rc=${payload.rc}`);
    this.hooks.call(payload, kind);
  }

  private print({ name }: GuestPayload, text: string): void {
    this.guest.console.print(`${this.prefix}${name}: ${text}`);
  }

  private debug({ name }: GuestPayload, text: string): void {
    this.guest.console.dprintk(`${this.prefix}${name}: ${text}`);
  }
}

function nameOf({ name, size, pad }: OperationName): string {
  if (size < 1 || size > NAME_SIZE || pad.some((part) => part !== 0)) throw new XenError('EINVAL');
  if (name === 'outside' || name === 'unmapped' || size > name.length) throw new XenError('EFAULT');
  if (name[size - 1] !== 0) throw new XenError('EINVAL');
  return Buffer.from(name.subarray(0, name.indexOf(0))).toString('latin1');
}

/** UPLOAD calls whatever is wrong with a name invalid. */
function uploadName(given: OperationName): string {
  try {
    return nameOf(given);
  } catch (thrown) {
    throw thrown instanceof XenError ? new XenError('EINVAL') : thrown;
  }
}
