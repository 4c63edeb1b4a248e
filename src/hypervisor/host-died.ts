/**
 * The modelled host is dead: a panic, a BUG(), a fault without a fixup. What the real one would print last is on
 * its console; nothing can be asked of it any more.
 */
export class HostDied extends Error {
  constructor(
    /** One line: what killed it, with symbols. */
    readonly reason: string,
    /** Where the processor was; undefined when the model itself found out. */
    readonly rip?: bigint,
    /** What panic() is still to print; undefined when it is on the console. */
    readonly lastWords?: string,
  ) {
    super(reason);
  }
}
