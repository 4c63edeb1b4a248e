/**
 * Where the members of struct payload lie, which hooks are given a pointer to. It has grown with the releases:
 *
 *   4.7    state rc list text rw ro pages applied_list funcs nfuncs symtab strtab region nsyms id dep bss
 *          load_funcs unload_funcs n_load_funcs n_unload_funcs name
 *   4.8    reverted and safe_to_reapply come, bss goes
 *   4.14   xen_dep, hooks and metadata come
 *   4.17.3 fstate comes; 4.17.4 two pointers more in region
 *   4.20   xen_dep goes
 *
 * Offsets of `4.17` were asked of a compiler (its headers, its flags); those of the others follow from the order of
 * their members. Hooks of releases before 4.14 have no argument, so nobody sees what is presumed of those.
 * Source: xen/include/xen/livepatch_payload.h, xen/include/xen/virtual_region.h, xen/common/livepatch.c.
 */
import type { LoaderProfile } from './profiles.js';
import { NAME_SIZE } from './hypercall.js';

const MEMBERS = [
  'state',
  'rc',
  'reverted',
  'safe_to_reapply',
  'list',
  'text_addr',
  'text_size',
  'rw_addr',
  'rw_size',
  'ro_addr',
  'ro_size',
  'pages',
  'applied_list',
  'funcs',
  'fstate',
  'nfuncs',
  'symtab',
  'strtab',
  'region',
  'nsyms',
  'id',
  'dep',
  'xen_dep',
  'bss',
  'bss_size',
  'n_bss',
  'load_funcs',
  'unload_funcs',
  'hooks',
  'n_load_funcs',
  'n_unload_funcs',
  'name',
  'metadata',
] as const;
export type PayloadMember = (typeof MEMBERS)[number];

/** Bytes of the members that are no pointers and no size_t; all others have eight. */
const SIZES: Partial<Record<PayloadMember, number>> = {
  state: 4,
  rc: 4,
  reverted: 1,
  safe_to_reapply: 1,
  list: 16,
  pages: 4,
  applied_list: 16,
  nfuncs: 4,
  nsyms: 4,
  id: 16,
  dep: 16,
  xen_dep: 16,
  n_bss: 4,
  hooks: 48,
  n_load_funcs: 4,
  n_unload_funcs: 4,
  name: NAME_SIZE,
  metadata: 16,
};

/** Alignment of a member: its size up to eight; names are bytes. */
function alignmentOf(member: PayloadMember, size: number): number {
  return member === 'name' ? 1 : Math.min(size, 8);
}

export interface PayloadLayout {
  /** Bytes of the structure. */
  readonly size: number;
  /** Of the members that the release has. */
  readonly offsets: ReadonlyMap<PayloadMember, number>;
  readonly region: RegionLayout;
}

/** struct virtual_region: offsets of members, in bytes. */
export interface RegionLayout {
  readonly size: number;
  readonly text: number;
  readonly rodata: number | undefined;
  readonly symbolsLookup: number;
  /** Four pairs of 16 bytes. */
  readonly frames: number;
  readonly ex: number;
}

export function payloadLayout(profile: LoaderProfile): PayloadLayout {
  const region = regionLayout(profile);
  const offsets = new Map<PayloadMember, number>();
  let end = 0;
  for (const member of MEMBERS.filter((m) => hasMember(profile, m))) {
    const size = member === 'region' ? region.size : (SIZES[member] ?? 8);
    const at = roundUp(end, alignmentOf(member, size));
    offsets.set(member, at);
    end = at + size;
  }
  return { size: roundUp(end, 8), offsets, region };
}

function regionLayout(profile: LoaderProfile): RegionLayout {
  const text = 16;
  const rodata = profile.relaxesRodata ? text + 16 : undefined;
  const symbolsLookup = (rodata ?? text) + 16;
  const frames = symbolsLookup + 8;
  const ex = frames + 4 * 16;
  return { size: ex + 16, text, rodata, symbolsLookup, frames, ex };
}

function hasMember(profile: LoaderProfile, member: PayloadMember): boolean {
  switch (member) {
    case 'reverted':
    case 'safe_to_reapply':
      return profile.checksReapply;
    case 'fstate':
      return !profile.stateInRecord;
    case 'xen_dep':
      return profile.abi.xenDepends && !profile.buildIdFirst;
    case 'bss':
    case 'bss_size':
    case 'n_bss':
      return profile.clearsBss;
    case 'hooks':
      return profile.hooks.includes('preapply');
    case 'metadata':
      return profile.metadata;
    default:
      return true;
  }
}

function roundUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
