/**
 * What an upload ends in, as a value that a test can compare: loaded, refused with an error and some lines on the
 * console, or a dead host. Anything else that is thrown is thrown on. A refusal that leaves something behind in the
 * guest throws, too.
 */
import { XenError } from '../../src/hypervisor/errno.js';
import { HostDied } from '../../src/hypervisor/host-died.js';
import { loadPayload } from '../../src/hypervisor/loader/load.js';
import type { LoadedPayload } from '../../src/hypervisor/payload.js';
import type { FakeGuest } from './fake-guest.js';

export type Outcome =
  | { readonly payload: LoadedPayload; readonly said: readonly string[] }
  | { readonly refused: string; readonly said: readonly string[] }
  | { readonly died: string; readonly said: readonly string[] };

export function outcomeOf(
  guest: FakeGuest,
  bytes: Uint8Array,
  loaded: readonly LoadedPayload[] = [],
): Outcome {
  const mark = guest.console.lines.length;
  const before = guest.fingerprint();
  const said = (): readonly string[] => guest.console.since(mark);
  try {
    return { payload: loadPayload(guest, loaded, 'p', bytes), said: said() };
  } catch (thrown) {
    if (thrown instanceof HostDied) return { died: thrown.reason, said: said() };
    if (!(thrown instanceof XenError)) throw thrown;
    if (guest.fingerprint() !== before) throw new Error(`refused with ${thrown.errno}, but something stays`);
    return { refused: thrown.errno, said: said() };
  }
}

/** The payload of an upload that must succeed. */
export function mustLoad(
  guest: FakeGuest,
  bytes: Uint8Array,
  loaded: readonly LoadedPayload[] = [],
): LoadedPayload {
  const outcome = outcomeOf(guest, bytes, loaded);
  if ('payload' in outcome) return outcome.payload;
  throw new Error(JSON.stringify(outcome));
}

/** A refusal as outcomeOf() gives it: one line of the loader's, or none. */
export function refusal(errno: string, text?: string): Outcome {
  return { refused: errno, said: text === undefined ? [] : [`livepatch: p: ${text}`] };
}
