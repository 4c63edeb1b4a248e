/**
 * Functions of a payload that the loader calls: through the pointers in its hook sections, as they are at that
 * moment. A single hook counts when its section is there and its pointer is not NULL; lists of load and unload
 * hooks are called as they are. Source: is_hook_enabled() and its users in xen/common/livepatch.c.
 */
import type { GuestAccess } from './guest-access.js';
import type { GuestPayload } from './guest-payload.js';
import type { HookKind } from './profiles.js';

/** Hooks that may change the course of an action, for which REPLACE has no place. */
const VETOING: readonly HookKind[] = ['preapply', 'postapply', 'prerevert', 'postrevert'];

export class Hooks {
  constructor(private readonly access: GuestAccess) {}

  enabled(payload: GuestPayload, kind: HookKind): boolean {
    return this.pointer(payload, kind) !== 0n;
  }

  /** has_payload_any_vetoing_hooks(). */
  anyVetoing(payload: GuestPayload): boolean {
    return VETOING.some((kind) => this.enabled(payload, kind));
  }

  /** Calls a single hook with its payload: what it returns, as an int. */
  call(payload: GuestPayload, kind: HookKind): number {
    const rax = this.access.guest.call(this.pointer(payload, kind), payload.address);
    return Number(BigInt.asIntN(32, rax));
  }

  /** Calls all load or unload hooks in order, without an argument. */
  callAll(payload: GuestPayload, kind: 'load' | 'unload'): void {
    const section = payload.loaded.hooks.get(kind);
    if (section === undefined || !this.access.guest.profile.hooks.includes(kind)) return;
    for (let k = 0; k < section.count; k++)
      this.access.guest.call(this.access.u64(section.address + BigInt(8 * k), `${kind} hooks`));
  }

  private pointer(payload: GuestPayload, kind: HookKind): bigint {
    const section = payload.loaded.hooks.get(kind);
    if (section === undefined || !this.access.guest.profile.hooks.includes(kind)) return 0n;
    return this.access.u64(section.address, `${kind} hook`);
  }
}
