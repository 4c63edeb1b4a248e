/** The tiny hypervisor of golden/machine, on the emulated machine. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { XenMachine } from '../../src/hypervisor/machine/machine.js';
import type { MachineOptions } from '../../src/hypervisor/machine/machine.js';
import { PROFILES } from '../../src/hypervisor/profiles.js';
import { readXenImage } from '../../src/xen/image.js';
import type { XenImage } from '../../src/xen/image.js';

const PATH = fileURLToPath(new URL('../../../golden/machine/tiny-xen', import.meta.url));

export function tinyBytes(): Uint8Array {
  return readFileSync(PATH);
}

export function tinyImage(): XenImage {
  const image = readXenImage('tiny-xen', tinyBytes(), (found) => {
    throw new Error(found.message);
  });
  if (image === undefined) throw new Error('no image');
  return image;
}

export function tinyXen(options: Partial<MachineOptions> = {}): XenMachine {
  return new XenMachine(tinyImage(), { profile: PROFILES['4.17'], ...options });
}

/** Calls a function by name; rax. */
export function callByName(machine: XenMachine, name: string, ...args: readonly bigint[]): bigint {
  const address = machine.symbols.local(name);
  if (address === 0n) throw new Error(`no function ${name}`);
  return machine.call(address, ...args);
}
