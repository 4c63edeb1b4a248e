/**
 * What the master does while all other processors wait: apply, revert, replace. An action hook of the payload takes
 * the place of the routine, and is believed only as far as the applied flags agree with what it returns.
 *
 * Source: livepatch_do_action(), apply_payload(), revert_payload() and their tails in xen/common/livepatch.c.
 */
import type { GuestAccess } from './guest-access.js';
import { Errno } from './errno.js';
import { checkExpectations } from './expectations.js';
import { FunctionApplied } from './function-state.js';
import type { FunctionRecord } from './function-state.js';
import type { GuestPayload } from './guest-payload.js';
import { PayloadState } from './hypercall.js';
import type { Hooks } from './hooks.js';
import { panic } from './panic.js';
import { Quiesce } from './quiesce.js';
import type { PayloadLists } from './payload-lists.js';
import type { LoaderProfile } from './profiles.js';
import { Splices } from './splices.js';
import { functionName, isApplied, patchFunction, restoreFunction } from './trampoline.js';

/** Strings of metadata that are printed; the real one prints any number. */
const MOST_STRINGS = 4096;

/** What of the machine around it counts. */
export interface Surroundings {
  /** Of a domain with a vCPU that sleeps in a wait queue of vm_event; undefined when there is none. */
  readonly waitingDomain: number | undefined;
}

export class Actions {
  private readonly quiesce: Quiesce;
  private readonly splices: Splices;

  constructor(
    private readonly access: GuestAccess,
    private readonly lists: PayloadLists,
    private readonly hooks: Hooks,
    private readonly prefix: string,
    private readonly surroundings: () => Surroundings,
  ) {
    this.quiesce = new Quiesce(access);
    this.splices = new Splices(access, prefix);
    this.serveHooks();
  }

  /** Hooks may call the routines that open and close the text; what those do to page tables is ours to do. */
  private serveHooks(): void {
    const { guest } = this.access;
    guest.implement?.('arch_livepatch_quiesce', () => {
      this.quiesce.relax(this.lists.registered(), this.lists.loaded());
      return 0n;
    });
    guest.implement?.('arch_livepatch_revive', () => {
      this.quiesce.tighten(this.lists.registered(), this.lists.loaded());
      return 0n;
    });
  }

  /** Each gives what ends in payload->rc. `cpu`: the master, for the words of a panic. */
  apply(payload: GuestPayload, cpu: number): number {
    const rc = this.hooks.enabled(payload, 'apply')
      ? this.actionHook(payload, 'apply')
      : this.applyPayload(payload);
    this.demandConsistent(payload, rc === 0, cpu, 'applied');
    if (rc === 0) this.applyTail(payload);
    return rc;
  }

  revert(payload: GuestPayload, cpu: number): number {
    const rc = this.hooks.enabled(payload, 'revert')
      ? this.actionHook(payload, 'revert')
      : this.revertPayload(payload);
    this.demandConsistent(payload, rc !== 0, cpu, 'reverted');
    if (rc === 0) this.revertTail(payload);
    return rc;
  }

  /** Takes all applied payloads back, from the newest to the oldest, then applies this one. */
  replace(payload: GuestPayload, cpu: number): number {
    for (const other of this.lists.applied().reverse()) {
      other.rc = this.revert(other, cpu);
      if (other.rc !== 0) return -Errno.EINVAL;
    }
    if (this.profile.expectations) {
      const rc = checkExpectations(this.access, payload, this.prefix);
      if (rc !== 0) {
        this.print(
          payload,
          'SYSTEM MIGHT BE INSECURE: Replace action has been aborted after reverting ALL payloads!',
        );
        return rc;
      }
    }
    return this.apply(payload, cpu);
  }

  private get profile(): LoaderProfile {
    return this.access.guest.profile;
  }

  private print({ name }: GuestPayload, text: string): void {
    this.access.guest.console.print(`${this.prefix}${name}: ${text}`);
  }

  private actionHook(payload: GuestPayload, kind: 'apply' | 'revert'): number {
    this.print(payload, `Calling ${kind} action hook function`);
    return this.hooks.call(payload, kind);
  }

  private applyPayload(payload: GuestPayload): number {
    const unsafe = this.profile.checksWaitqueues ? this.safetyCheck() : 0;
    if (unsafe !== 0) {
      this.print(payload, `Safety checks failed: ${unsafe}`);
      return unsafe;
    }
    if (!this.splices.allHold(payload, 'old')) return -Errno.EINVAL;
    this.print(payload, `Applying ${payload.loaded.functions.length} functions`);
    if (this.profile.clearsBss) this.clearBss(payload);
    this.quiesce.relax(this.lists.registered(), this.lists.loaded());
    this.hooks.callAll(payload, 'load');
    for (const { record, state } of payload.functions()) {
      if (isApplied(state)) {
        this.printSkipped(record, 'apply', 'has been already applied before');
        continue;
      }
      patchFunction(this.access, record, state);
      state.putApplied(FunctionApplied.APPLIED);
    }
    this.quiesce.tighten(this.lists.registered(), this.lists.loaded());
    this.splices.write(payload, 'new');
    this.printMetadata(payload);
    return 0;
  }

  private revertPayload(payload: GuestPayload): number {
    if (!this.splices.allHold(payload, 'new')) return -Errno.EINVAL;
    this.print(payload, 'Reverting');
    this.splices.write(payload, 'old');
    this.quiesce.relax(this.lists.registered(), this.lists.loaded());
    for (const { record, state } of payload.functions()) {
      const never = record.oldAddress === 0n || state.applied === FunctionApplied.NOT_APPLIED;
      if (never && state.applied !== undefined) {
        this.printSkipped(record, 'revert', 'has not been applied before');
        continue;
      }
      restoreFunction(this.access, record, state);
      state.putApplied(FunctionApplied.NOT_APPLIED);
    }
    this.hooks.callAll(payload, 'unload');
    this.quiesce.tighten(this.lists.registered(), this.lists.loaded());
    return 0;
  }

  /** apply_payload_tail(). */
  private applyTail(payload: GuestPayload): void {
    this.lists.addApplied(payload);
    if (this.profile.regionFrom === 'apply') this.access.guest.registerRegion(payload.loaded.region);
    payload.state = PayloadState.APPLIED;
  }

  /** revert_payload_tail(). */
  private revertTail(payload: GuestPayload): void {
    this.lists.deleteApplied(payload);
    if (this.profile.regionFrom === 'apply') this.access.guest.unregisterRegion(payload.loaded.region);
    payload.reverted = true;
    payload.state = PayloadState.CHECKED;
  }

  /** was_action_consistent(), and the panic when it was not. */
  private demandConsistent(
    payload: GuestPayload,
    applied: boolean,
    cpu: number,
    participle: 'applied' | 'reverted',
  ): void {
    const { guest } = this.access;
    const expected = applied ? FunctionApplied.APPLIED : FunctionApplied.NOT_APPLIED;
    for (const { record, state } of payload.functions()) {
      if (state.applied === undefined || state.applied === expected) continue;
      const name = functionName(this.access, record, 'noname');
      this.print(payload, `Payload has a function: '${name}' with inconsistent applied state.`);
      throw panic(guest.console, `livepatch: partially ${participle} payload '${payload.name}'!`, cpu);
    }
  }

  /** arch_livepatch_safety_check(). */
  private safetyCheck(): number {
    const { waitingDomain } = this.surroundings();
    if (waitingDomain === undefined) return 0;
    this.access.guest.console.print(`${this.prefix}d${waitingDomain} found with active waitqueue`);
    return -Errno.EBUSY;
  }

  private clearBss({ loaded }: GuestPayload): void {
    for (const { start, end } of loaded.bss ?? [])
      this.access.write(start, new Uint8Array(Number(end - start)), 'clearing .bss');
  }

  /** The name of the C function is printed; it was another one while the flag lay in the record. */
  private printSkipped(record: FunctionRecord, verb: 'apply' | 'revert', predicate: string): void {
    const routine = this.profile.stateInRecord ? `common_livepatch_${verb}` : `${verb}_payload`;
    const name = functionName(this.access, record);
    this.access.guest.console.print(`${this.prefix}${routine}: ${name} ${predicate}`);
  }

  /** livepatch_display_metadata(): a line for each string of .modinfo. */
  private printMetadata({ loaded: { metadata } }: GuestPayload): void {
    if (!this.profile.metadata || metadata === undefined || metadata.length === 0) return;
    const { guest } = this.access;
    guest.console.print(`${this.prefix}module metadata:`);
    const bytes = this.access.read(metadata.address, metadata.length, 'printing metadata');
    const strings = Buffer.from(bytes)
      .toString('latin1')
      .split('\0', MOST_STRINGS + 1)
      .slice(0, -1);
    for (const text of strings) guest.console.print(`${this.prefix}  ${text}`);
  }
}
