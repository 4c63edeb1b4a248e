/**
 * How a modelled host dies by itself: what panic() prints, and then nothing more. Source: panic() in
 * xen/drivers/char/console.c, do_page_fault() in xen/arch/x86/traps.c (whose registers and walk are not printed).
 */
import type { XenConsole } from './console.js';
import { HostDied } from './host-died.js';

const RULE = '****************************************';

/** Bits of a page fault's error code, SDM vol. 3, 4.7. */
const PRESENT = 1;
const WRITE = 2;

/** Prints what panic() prints and gives what to throw. `text`: one or more lines, without the last line end. */
export function panic(xenConsole: XenConsole, text: string, cpu = 0): HostDied {
  xenConsole.printk(`\n${RULE}\n`);
  xenConsole.print(`Panic on CPU ${cpu}:`);
  xenConsole.print(text);
  xenConsole.printk(`${RULE}\n\n`);
  xenConsole.print('Reboot in five seconds...');
  return new HostDied(text.replaceAll('\n', ' '));
}

/** What a step threw, for its caller to throw on: of a host that died, its last words are on the console then. */
export function sayLastWords(xenConsole: XenConsole, thrown: unknown): unknown {
  if (!(thrown instanceof HostDied) || thrown.lastWords === undefined) return thrown;
  panic(xenConsole, thrown.lastWords);
  return new HostDied(thrown.reason, thrown.rip);
}

/** What the hypervisor says of an access of its own that faults: #GP for an address that is not canonical, else #PF. */
export function faultWords(
  address: bigint,
  { write, present }: { readonly write: boolean; readonly present: boolean },
): string {
  return trapWords(address, (present ? PRESENT : 0) | (write ? WRITE : 0));
}

/** The same by the error code of a page fault. */
export function trapWords(address: bigint, errorCode: number): string {
  const linear = BigInt.asUintN(64, address);
  const code = `[error_code=${errorCode.toString(16).padStart(4, '0')}]`;
  const top = linear >> 47n;
  if (top !== 0n && top !== 0x1ffffn) return 'GENERAL PROTECTION FAULT\n[error_code=0000]';
  return `FATAL PAGE FAULT\n${code}\nFaulting linear address: ${linear.toString(16).padStart(16, '0')}`;
}

/** The death by a pointer that nobody has set. */
export function nullPointer(reason: string): HostDied {
  return new HostDied(reason, undefined, trapWords(0n, 0));
}
