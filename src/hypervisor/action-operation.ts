/**
 * XEN_SYSCTL_LIVEPATCH_ACTION: what is checked while the caller waits, in Xen's order, until the work is scheduled.
 * A command that the state of the payload does not allow does nothing and succeeds; UNLOAD alone is refused.
 *
 * Note where payload->rc is set: before the work is scheduled. So a payload that finds other work pending keeps
 * -EAGAIN, although nothing will come of it. Source: livepatch_action() in xen/common/livepatch.c.
 */
import { Errno } from './errno.js';
import { checkExpectations } from './expectations.js';
import type { GuestAccess } from './guest-access.js';
import type { GuestPayload } from './guest-payload.js';
import type { Hooks } from './hooks.js';
import { ACTION_APPLY_NODEPS, ActionCommand, PayloadState } from './hypercall.js';
import type { ActionName, ActionOperation } from './hypercall.js';
import type { PayloadLists } from './payload-lists.js';
import type { LoaderProfile } from './profiles.js';

/** Actions that are done while all processors wait. */
export type WorkAction = Exclude<ActionName, 'UNLOAD'>;

/** Why hooks and REPLACE do not go together, in Xen's words without their prefix. */
export function noReplace(name: string): string {
  return `${name}: REPLACE action is not supported on livepatches with vetoing hooks!`;
}

export interface ActionEffects {
  /** schedule_work(): 0 or a negated error number. */
  schedule(payload: GuestPayload, action: WorkAction, timeout: number): number;
  /** free_payload(). */
  free(payload: GuestPayload): void;
}

export class ActionOperations {
  constructor(
    private readonly access: GuestAccess,
    private readonly lists: PayloadLists,
    private readonly hooks: Hooks,
    private readonly prefix: string,
    private readonly effects: ActionEffects,
  ) {}

  /** What the hypercall returns for a payload that was found and has no work pending. */
  perform(payload: GuestPayload, op: ActionOperation): number {
    const checked = payload.state === PayloadState.CHECKED;
    switch (op.action) {
      case ActionCommand.UNLOAD:
        if (!checked) return -Errno.EINVAL;
        this.effects.free(payload);
        return 0;
      case ActionCommand.REVERT:
        return payload.state === PayloadState.APPLIED ? this.revert(payload, op.timeout) : 0;
      case ActionCommand.APPLY:
        return checked ? this.apply(payload, op) : 0;
      case ActionCommand.REPLACE:
        return checked ? this.replace(payload, op.timeout) : 0;
      default:
        return -Errno.EOPNOTSUPP;
    }
  }

  private revert(payload: GuestPayload, timeout: number): number {
    const top = this.lists.applied().at(-1);
    if (top !== payload) {
      this.refuse(payload, `can't unload. Top is ${top?.name ?? ''}`);
      return -Errno.EBUSY;
    }
    const veto = this.vetoOf(payload, 'prerevert', 'pre-revert');
    return veto === 0 ? this.schedule(payload, 'REVERT', timeout) : veto;
  }

  private apply(payload: GuestPayload, op: ActionOperation): number {
    if (this.profile.checksReapply && payload.reverted && !payload.safeToReapply) {
      this.refuse(payload, "can't revert as payload has .data. Please unload");
      payload.rc = -Errno.EINVAL;
      return 0;
    }
    const nodeps = this.profile.actionFlags && (op.actionFlags & ACTION_APPLY_NODEPS) !== 0;
    const unmet = nodeps ? 0 : this.dependency(payload, this.lists.applied().at(-1));
    if (unmet !== 0) return unmet;
    const unexpected = this.profile.expectations ? checkExpectations(this.access, payload, this.prefix) : 0;
    if (unexpected !== 0) return unexpected;
    const veto = this.vetoOf(payload, 'preapply', 'pre-apply');
    return veto === 0 ? this.schedule(payload, 'APPLY', op.timeout) : veto;
  }

  private replace(payload: GuestPayload, timeout: number): number {
    const unmet = this.dependency(payload, undefined);
    if (unmet !== 0) return unmet;
    if ([payload, ...this.lists.applied()].some((p) => this.hooks.anyVetoing(p))) {
      this.access.guest.console.print(this.prefix + noReplace(payload.name));
      return -Errno.EOPNOTSUPP;
    }
    return this.schedule(payload, 'REPLACE', timeout);
  }

  private schedule(payload: GuestPayload, action: WorkAction, timeout: number): number {
    payload.rc = -Errno.EAGAIN;
    return this.effects.schedule(payload, action, timeout);
  }

  /** build_id_dep(): against the payload below, or the hypervisor when there is none. */
  private dependency(payload: GuestPayload, below: GuestPayload | undefined): number {
    const { buildId } = this.access.guest;
    const expected = below === undefined ? buildId : below.loaded.buildId;
    if (expected === undefined) return -Errno.ENODATA;
    if (Buffer.compare(expected, payload.loaded.depends) === 0) return 0;
    this.refuse(payload, `check against ${below?.name ?? 'hypervisor'} build-id failed`);
    return -Errno.EINVAL;
  }

  /** Calls a hook that may say no: 0 when there is none or it agrees. */
  private vetoOf(payload: GuestPayload, kind: 'preapply' | 'prerevert', words: string): number {
    if (!this.hooks.enabled(payload, kind)) return 0;
    this.print(payload, `Calling ${words} hook function`);
    const rc = this.hooks.call(payload, kind);
    if (rc === 0) return 0;
    this.print(payload, `${words} hook failed (rc=${rc}), aborting!`);
    payload.rc = rc;
    return rc;
  }

  private get profile(): LoaderProfile {
    return this.access.guest.profile;
  }

  private print({ name }: GuestPayload, text: string): void {
    this.access.guest.console.print(`${this.prefix}${name}: ${text}`);
  }

  /** Old releases put an exclamation mark, and say it in debug builds only. */
  private refuse(payload: GuestPayload, text: string): void {
    if (this.profile.printsErrors) this.print(payload, text);
    else this.access.guest.console.dprintk(`${this.prefix}${payload.name}: ${text}!`);
  }
}
