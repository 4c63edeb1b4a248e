/** Where members of struct payload lie: 4.17 as its compiler says, the others by the order of their members. */
import { describe, expect, test } from '@jest/globals';
import { payloadLayout } from '../../../src/hypervisor/payload-layout.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';

/** offsetof() with the headers and flags of Xen 4.17.5. */
const MEASURED = {
  state: 0,
  rc: 4,
  reverted: 8,
  safe_to_reapply: 9,
  list: 16,
  text_addr: 32,
  text_size: 40,
  rw_addr: 48,
  rw_size: 56,
  ro_addr: 64,
  ro_size: 72,
  pages: 80,
  applied_list: 88,
  funcs: 104,
  fstate: 112,
  nfuncs: 120,
  symtab: 128,
  strtab: 136,
  region: 144,
  nsyms: 280,
  id: 288,
  dep: 304,
  xen_dep: 320,
  load_funcs: 336,
  unload_funcs: 344,
  hooks: 352,
  n_load_funcs: 400,
  n_unload_funcs: 404,
  name: 408,
  metadata: 536,
};

describe('struct payload', () => {
  test('of 4.17 is as its compiler lays it out', () => {
    const { size, offsets, region } = payloadLayout(PROFILES['4.17']);
    expect(Object.fromEntries(offsets)).toEqual(MEASURED);
    expect(size).toBe(552);
    expect(region).toEqual({ size: 136, text: 16, rodata: 32, symbolsLookup: 48, frames: 56, ex: 120 });
  });

  test.each([
    ['4.7', 464, ['bss', 'bss_size', 'n_bss'], ['fstate', 'reverted', 'hooks', 'xen_dep', 'metadata']],
    ['4.14', 528, ['reverted', 'hooks', 'xen_dep', 'metadata'], ['fstate', 'bss']],
    ['4.19', 552, ['fstate', 'xen_dep'], ['bss']],
    ['4.20', 536, ['fstate', 'hooks', 'metadata'], ['xen_dep', 'bss']],
    ['4.21', 536, ['fstate'], ['xen_dep']],
  ] as const)('of %s has %i bytes', (name, size, there, missing) => {
    const layout = payloadLayout(PROFILES[name]);
    expect(layout.size).toBe(size);
    for (const member of there) expect(layout.offsets.has(member)).toBe(true);
    for (const member of missing) expect(layout.offsets.has(member)).toBe(false);
  });
});
