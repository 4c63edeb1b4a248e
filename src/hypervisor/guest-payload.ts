/**
 * struct payload of one payload, in the memory of the guest. Hooks get a pointer to it and may write there, so what
 * can change (state, rc, reverted, the lists, the applied flags) is kept nowhere else.
 *
 *   struct livepatch_symbol: 0 name  8 value  16 u32 size  20 u8 new_symbol, 24 bytes
 */
import type { Guest, TextRegion } from './guest.js';
import type { GuestAccess } from './guest-access.js';
import { FSTATE_BYTES, functionState, readFunctionRecord } from './function-state.js';
import type { FunctionRecord, FunctionState } from './function-state.js';
import { PayloadState } from './hypercall.js';
import { initialiseNode } from './list-head.js';
import type { LoadedPayload } from './payload.js';
import type { PayloadLayout, PayloadMember } from './payload-layout.js';
import type { HookKind } from './profiles.js';

/** Order of the pointers in struct livepatch_hooks. */
const HOOK_POINTERS: readonly HookKind[] = [
  'preapply',
  'apply',
  'postapply',
  'prerevert',
  'revert',
  'postrevert',
];

/** The function of Xen that payloads' symbols are looked up by. */
const SYMBOLS_LOOKUP = 'common/livepatch.c#livepatch_symbols_lookup';

/** sizeof(struct livepatch_symbol). */
const SYMBOL_BYTES = 24;

/** n_namesz, n_descsz, n_type. gABI, "Note Section". */
const NOTE_HEADER_BYTES = 12;

/** One function of a payload: its record, and what is noted of it. */
export interface PayloadFunction {
  /** Address of the record. */
  readonly at: bigint;
  readonly record: FunctionRecord;
  readonly state: FunctionState;
}

export class GuestPayload {
  readonly address: bigint;
  private readonly fstate: bigint;
  /** Blocks of the heap that go with it. */
  private readonly blocks: bigint[] = [];

  /** Allocates and fills the structure; its lists are in no ring yet, its state is CHECKED, its rc 0. */
  constructor(
    private readonly access: GuestAccess,
    private readonly layout: PayloadLayout,
    readonly loaded: LoadedPayload,
  ) {
    const { guest } = access;
    this.address = this.allocate(layout.size);
    this.fstate = layout.offsets.has('fstate') ? this.allocate(FSTATE_BYTES * loaded.functions.length) : 0n;
    this.fillPlacement();
    this.fillSymbols();
    this.fillFunctions();
    this.fillRegion(guest, loaded.region);
    this.fillHooks();
    this.fillNames();
    this.state = PayloadState.CHECKED;
  }

  get name(): string {
    return this.loaded.name;
  }

  get state(): number {
    return this.access.u32(this.at('state'), 'payload->state');
  }

  set state(value: number) {
    this.access.putU32(this.at('state'), value, 'payload->state');
  }

  get rc(): number {
    return this.access.u32(this.at('rc'), 'payload->rc') | 0;
  }

  set rc(value: number) {
    this.access.putU32(this.at('rc'), value, 'payload->rc');
  }

  /** False where the release does not care. */
  get reverted(): boolean {
    return this.has('reverted') && this.access.u8(this.at('reverted'), 'payload->reverted') !== 0;
  }

  set reverted(value: boolean) {
    if (this.has('reverted')) this.access.putU8(this.at('reverted'), value ? 1 : 0, 'payload->reverted');
  }

  get safeToReapply(): boolean {
    return (
      this.has('safe_to_reapply') &&
      this.access.u8(this.at('safe_to_reapply'), 'payload->safe_to_reapply') !== 0
    );
  }

  /** Address of a member; throws for one that the release has not. */
  at(member: PayloadMember): bigint {
    const distance = this.layout.offsets.get(member);
    if (distance === undefined) throw new Error(`struct payload has no ${member}`);
    return this.address + BigInt(distance);
  }

  /** All functions; each record is read when its turn comes. */
  *functions(): Generator<PayloadFunction> {
    const { profile } = this.access.guest;
    for (const [k, { at }] of this.loaded.functions.entries())
      yield {
        at,
        record: readFunctionRecord(this.access, at),
        state: functionState(this.access, profile, at, this.fstate + BigInt(FSTATE_BYTES * k)),
      };
  }

  free(): void {
    for (const block of this.blocks) this.access.guest.free(block);
  }

  /** 0n for no bytes. */
  private allocate(bytes: number): bigint {
    if (bytes === 0) return 0n;
    try {
      const block = this.access.guest.allocate(bytes);
      this.blocks.push(block);
      return block;
    } catch (thrown) {
      this.free();
      throw thrown;
    }
  }

  private has(member: PayloadMember): boolean {
    return this.layout.offsets.has(member);
  }

  private put64(member: PayloadMember, value: bigint): void {
    this.access.putU64(this.at(member), value, `payload->${member}`);
  }

  private put32(member: PayloadMember, value: number): void {
    this.access.putU32(this.at(member), value, `payload->${member}`);
  }

  private fillPlacement(): void {
    const { text, rw, ro, pages, safeToReapply } = this.loaded;
    initialiseNode(this.access, this.at('list'), 'payload->list');
    initialiseNode(this.access, this.at('applied_list'), 'payload->applied_list');
    this.put64('text_addr', text.start);
    this.put64('text_size', text.end - text.start);
    this.put64('rw_addr', rw.start);
    this.put64('rw_size', rw.end - rw.start);
    this.put64('ro_addr', ro.start);
    this.put64('ro_size', ro.end - ro.start);
    this.put32('pages', pages);
    if (this.has('safe_to_reapply'))
      this.access.putU8(this.at('safe_to_reapply'), safeToReapply ? 1 : 0, 'payload->safe_to_reapply');
  }

  private fillFunctions(): void {
    const { functions } = this.loaded;
    this.put64('funcs', functions.length > 0 ? functions[0].at : 0n);
    this.put32('nfuncs', functions.length);
    if (this.has('fstate')) this.put64('fstate', this.fstate);
  }

  private fillSymbols(): void {
    const { symbols } = this.loaded;
    const names = symbols.map(({ name }) => Buffer.from(`${name}\0`, 'latin1'));
    const symtab = this.allocate(SYMBOL_BYTES * symbols.length);
    const strtab = this.allocate(names.reduce((sum, name) => sum + name.length, 0));
    let nameAt = strtab;
    for (const [k, { address, size, isNew }] of symbols.entries()) {
      const at = symtab + BigInt(SYMBOL_BYTES * k);
      this.access.write(nameAt, names[k], 'payload->strtab');
      this.access.putU64(at, nameAt, 'payload->symtab');
      this.access.putU64(at + 8n, address, 'payload->symtab');
      this.access.putU32(at + 16n, size, 'payload->symtab');
      this.access.putU8(at + 20n, isNew ? 1 : 0, 'payload->symtab');
      nameAt += BigInt(names[k].length);
    }
    this.put64('symtab', symtab);
    this.put64('strtab', strtab);
    this.put32('nsyms', symbols.length);
  }

  private fillRegion(guest: Guest, region: TextRegion): void {
    const { region: layout } = this.layout;
    const base = this.at('region');
    const pair = (distance: number, first: bigint, second: bigint): void => {
      this.access.putU64(base + BigInt(distance), first, 'payload->region');
      this.access.putU64(base + BigInt(distance + 8), second, 'payload->region');
    };
    initialiseNode(this.access, base, 'payload->region');
    pair(layout.text, region.text.start, region.text.end);
    const { ro } = this.loaded;
    if (layout.rodata !== undefined && ro.end > ro.start) pair(layout.rodata, ro.start, ro.end);
    this.access.putU64(base + BigInt(layout.symbolsLookup), guest.lookup(SYMBOLS_LOOKUP), 'payload->region');
    for (const [kind, { address, count }] of region.bugFrames.slice(0, 4).entries()) {
      const second = guest.profile.framesByEnd ? address + BigInt(count * 8) : BigInt(count);
      pair(layout.frames + 16 * kind, address, second);
    }
    if (region.exTable !== undefined) {
      const { address, count } = region.exTable;
      pair(layout.ex, address, address + BigInt(count * 8));
    }
  }

  private fillHooks(): void {
    const { hooks } = this.loaded;
    for (const [kind, pointers, count] of [
      ['load', 'load_funcs', 'n_load_funcs'],
      ['unload', 'unload_funcs', 'n_unload_funcs'],
    ] as const) {
      this.put64(pointers, hooks.get(kind)?.address ?? 0n);
      this.put32(count, hooks.get(kind)?.count ?? 0);
    }
    if (!this.has('hooks')) return;
    for (const [k, kind] of HOOK_POINTERS.entries())
      this.access.putU64(this.at('hooks') + BigInt(8 * k), hooks.get(kind)?.address ?? 0n, 'payload->hooks');
  }

  private fillNames(): void {
    const { abi } = this.access.guest.profile;
    const { metadata, name, buildId, depends, xenDepends } = this.loaded;
    this.access.write(this.at('name'), Buffer.from(name, 'latin1'), 'payload->name');
    this.fillNote('id', '.note.gnu.build-id', buildId.length);
    this.fillNote('dep', `${abi.sectionPrefix}.depends`, depends.length);
    if (this.has('xen_dep'))
      this.fillNote('xen_dep', `${abi.sectionPrefix}.xen_depends`, xenDepends?.length ?? 0);
    if (this.has('metadata')) this.fillCounted('metadata', metadata?.address ?? 0n, metadata?.length ?? 0);
  }

  /** struct livepatch_build_id: where the descriptor of a section's note lies, and its length in bytes. */
  private fillNote(member: PayloadMember, section: string, length: number): void {
    const found = this.loaded.sections.find(({ name }) => name === section);
    if (found === undefined) return;
    const namesz = this.access.u32(found.address, section);
    this.fillCounted(member, found.address + BigInt(NOTE_HEADER_BYTES + Math.ceil(namesz / 4) * 4), length);
  }

  private fillCounted(member: PayloadMember, pointer: bigint, length: number): void {
    this.put64(member, pointer);
    this.access.putU32(this.at(member) + 8n, length, `payload->${member}`);
  }
}
