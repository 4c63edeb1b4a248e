/** Boots hosts one after the other, each with the same files on board. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { DebianXen } from '../../src/qemu/debian.js';
import { buildInitrd } from '../../src/qemu/initrd.js';
import type { GuestFiles } from '../../src/qemu/initrd.js';
import { boot } from '../../src/qemu/machine.js';
import type { Machine } from '../../src/qemu/machine.js';

export interface Supplies {
  readonly debian: DebianXen;
  /** The hypervisor to boot. */
  readonly xen: string;
  /** For the initrd and the console logs. */
  readonly directory: string;
  readonly files: GuestFiles;
  readonly say: (line: string) => void;
}

export class HostSupply {
  readonly #supplies: Supplies;
  #initrd: string | undefined;
  #boots = 0;
  #machine: Machine | undefined;

  constructor(supplies: Supplies) {
    this.#supplies = supplies;
    mkdirSync(supplies.directory, { recursive: true });
  }

  /** The host that runs, or a fresh one. */
  async machine(): Promise<Machine> {
    if (this.#machine !== undefined) return this.#machine;
    const { debian, xen, directory, say } = this.#supplies;
    this.#initrd ??= await this.#writeInitrd();
    this.#boots += 1;
    const console_log = path.join(directory, `console-${String(this.#boots)}.log`);
    const started = Date.now();
    this.#machine = await boot({ xen, vmlinuz: debian.vmlinuz, initrd: this.#initrd, console_log });
    say(`       booted in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return this.#machine;
  }

  async discard(): Promise<void> {
    await this.#machine?.powerOff();
    this.#machine = undefined;
  }

  async #writeInitrd(): Promise<string> {
    const { debian, directory, files } = this.#supplies;
    const file = path.join(directory, 'initrd');
    writeFileSync(file, await buildInitrd(debian, files));
    return file;
  }
}
