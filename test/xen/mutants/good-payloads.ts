/**
 * The good payloads that mutants are made of, all for one hypervisor: ours, those that the cases build, and Xen's own
 * test payloads, which name another hypervisor of the same source and are made to name this one.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MachineError } from '../../../src/qemu/command.js';
import { readXenImage } from '../../../src/xen/image.js';
import type { XenImage } from '../../../src/xen/image.js';
import { buildCase } from '../payloads.js';
import type { Workshop } from '../payloads.js';
import { OF_CASES, retargeted } from './foreign-mutants.js';
import { OWN_PAYLOADS, ownPayload } from './own-payloads.js';

/** A hypervisor, from its xen-syms. */
export function imageOf(xen_syms: string): XenImage {
  const image = readXenImage(xen_syms, readFileSync(xen_syms), ({ message }) => {
    throw new MachineError(message);
  });
  if (image === undefined) throw new MachineError(`${xen_syms} is no hypervisor`);
  return image;
}

/** Builds what the workshop does not hold yet; `of_xen` are Xen's own test payloads. */
export async function goodPayloads(
  shop: Workshop,
  of_xen: ReadonlyMap<string, Uint8Array>,
): Promise<(of: string) => Uint8Array> {
  const { buildId: xen } = imageOf(shop.xen_syms);
  const payloads = new Map<string, Uint8Array>(OWN_PAYLOADS.map((name) => [name, ownPayload(name, xen)]));
  for (const [name, payload] of of_xen) {
    // One of them is there to show what happens to a payload without such a note.
    if (name !== 'xen_no_xen_buildid') payloads.set(name, retargeted(payload, xen));
  }
  for (const name of OF_CASES) payloads.set(name, await ofCase(shop, name));
  return (of) => {
    const payload = payloads.get(of);
    if (payload === undefined) throw new MachineError(`there is no payload ${of}`);
    return payload;
  };
}

async function ofCase(shop: Workshop, name: string): Promise<Uint8Array> {
  const file = path.join(shop.work, `${name}.xsplice`);
  if (existsSync(file)) return readFileSync(file);
  const one = shop.cases.get(name);
  if (one === undefined) throw new MachineError(`there is no case ${name}`);
  const { payload, checks } = await buildCase(shop, one);
  if (payload !== null) return payload;
  const why = checks.flatMap(({ detail }) => detail);
  throw new MachineError(`the payload of ${name} cannot be built:\n${why.join('\n')}`);
}
