/**
 * One upload under way: for whom, beside what, and how it tells that it refuses.
 */
import type { ErrnoName } from '../errno.js';
import { XenError } from '../errno.js';
import type { Guest } from '../guest.js';
import type { LoadedPayload } from '../payload.js';

/** What printk() has room for behind a level; of a longer line not even the end arrives. */
const LONGEST_LINE = 1020;

export class Upload {
  private readonly exported = new Map<string, bigint>();

  constructor(
    readonly guest: Guest,
    readonly loaded: readonly LoadedPayload[],
    readonly name: string,
  ) {
    for (const symbol of loaded.flatMap((payload) => payload.symbols))
      if (symbol.isNew && !this.exported.has(symbol.name)) this.exported.set(symbol.name, symbol.address);
  }

  /** An address by name: Xen's own, else what a loaded payload brought, applied or not; 0n when there is none. */
  lookup(name: string): bigint {
    const own = name === '' ? 0n : this.guest.lookup(name);
    return own !== 0n ? own : (this.exported.get(name) ?? 0n);
  }

  /** Prints why, as far as this release does, and gives the error to throw. */
  refuse(errno: ErrnoName, text: string): XenError {
    return this.printed(errno, text, ': ');
  }

  /** The same for texts that Xen puts no colon before. */
  refuseWithoutColon(errno: ErrnoName, text: string): XenError {
    return this.printed(errno, text, ' ');
  }

  /** For what Xen refuses without a word; `why` is ours. */
  silently(errno: ErrnoName, why: string): XenError {
    return new XenError(errno, why);
  }

  /** A remark on how far it has come, which only a debug build makes; the text is asked for only then. */
  debug(text: () => string): void {
    if (this.guest.console.debugBuild) this.guest.console.dprintk(`livepatch: ${this.name}: ${text()}`);
  }

  private printed(errno: ErrnoName, text: string, mark: ': ' | ' '): XenError {
    const { guest } = this;
    const line = `livepatch: ${this.name}${mark}${text}`;
    if (guest.profile.printsErrors) guest.console.printk(`${line}\n`.slice(0, LONGEST_LINE));
    else guest.console.dprintk(line);
    return new XenError(errno, text);
  }
}
