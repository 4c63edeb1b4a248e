/**
 * Where the relocations of payloads lead. The loader knows names and adds numbers to their addresses; whether
 * something is there, and still is when the payload runs, it does not ask.
 */
import type { Diagnostic } from '../../diag/diagnostic.js';
import { diagnostic } from '../../diag/diagnostic.js';
import { printableName } from '../../diag/printable.js';
import type { AddressMap, MappedPayload } from '../../atlas/address-map.js';
import type { CodePieces } from '../../atlas/code-pieces.js';
import { ExtentTable } from '../../atlas/extents.js';
import type { PatchedCode } from './live-branches.js';
import type { Patch } from './patches.js';
import { replacesBody } from './patches.js';
import type { PayloadReference } from './references.js';

/** Tables whose distances are read by checks of their own. */
const TABLES = /^\.(bug_frames\.[0-3]|altinstructions|alt_call_sites|ex_table)$/;
/** endbr64, behind which calls may enter a function as well. */
const ENDBR64 = [0xf3, 0x0f, 0x1e, 0xfa];

export class RelocationCheck {
  private readonly replaced: ExtentTable;

  constructor(
    private readonly map: AddressMap,
    private readonly pieces: CodePieces,
    patches: readonly Patch[],
    private readonly patched: PatchedCode,
  ) {
    this.replaced = new ExtentTable(
      patches.filter(replacesBody).flatMap(({ body }) => (body === undefined ? [] : [body])),
    );
  }

  /** What is wrong with the references of one payload. */
  check(home: MappedPayload, references: readonly PayloadReference[]): Diagnostic[] {
    return references.flatMap((reference) => {
      const table = reference.kind === 'distance' && TABLES.test(reference.section?.name ?? '');
      const found = this.noField(home, reference) ?? (table ? undefined : this.checkTarget(home, reference));
      return found === undefined ? [] : [found];
    });
  }

  private noField(
    home: MappedPayload,
    { at, section, relocation }: PayloadReference,
  ): Diagnostic | undefined {
    if (section !== undefined) return undefined;
    return diagnostic('XS610', {
      message: `a relocation against ${nameOf(relocation.symbol)} writes ${String(relocation.width)} bytes that are in no section of the payload`,
      at: { object: home.payload.name, ...this.map.locate(at) },
      hint: 'the payload is broken; build it again',
    });
  }

  private checkTarget(home: MappedPayload, reference: PayloadReference): Diagnostic | undefined {
    const { map } = this;
    const { to, kind } = reference;
    const payload = map.payloadAt(to) ?? map.payloadAt(to - 1);
    if (payload === home) return undefined;
    if (payload !== undefined && payload.owner > home.owner)
      return this.nowhere(reference, `into ${payload.payload.name}, which comes later`);
    const escaped = home.symbols.called(reference.relocation.symbol);
    if (escaped !== undefined)
      return this.nowhere(reference, `out of the payload, to ${map.title(to)}, though the symbol is its own`);
    const section = map.sectionAt(to) ?? map.sectionAt(to - 1);
    if (section === undefined) {
      // Labels at the end of memory are compared with, never followed.
      const label = kind !== 'branch' && kind !== 'call' && map.symbols.startingAt(to) !== undefined;
      return label ? undefined : this.nowhere(reference, `to ${map.title(to)}, where nothing is`);
    }
    if (section.boot) return this.bootMemory(reference);
    if (kind === 'branch' || kind === 'call') return this.checkBranch(reference, section.executable);
    if (kind === 'pointer' && section.executable) return this.checkEntry(reference);
    return this.beyondSymbol(reference);
  }

  private nowhere(reference: PayloadReference, where: string): Diagnostic {
    return diagnostic('XS610', {
      message: `${this.said(reference)} leads ${where}`,
      at: this.map.locate(reference.at),
      hint: 'build the payload again; check that it was built for this hypervisor and this stack of payloads',
    });
  }

  private bootMemory(reference: PayloadReference): Diagnostic | undefined {
    const { map } = this;
    const label = map.symbols.startingAt(reference.to);
    const compared = reference.kind !== 'branch' && reference.kind !== 'call' && label?.end === label?.start;
    if (label !== undefined && compared) return undefined;
    return diagnostic('XS611', {
      message: `${this.said(reference)} leads to ${map.title(reference.to)}, which the hypervisor discarded after boot`,
      at: map.locate(reference.at),
      hint: 'bring what is needed along in the payload, or patch another function',
    });
  }

  private checkBranch(reference: PayloadReference, executable: boolean): Diagnostic | undefined {
    if (executable) return this.checkEntry(reference);
    return this.nowhere(reference, `to ${this.map.title(reference.to)}, which is data`);
  }

  /** Code is entered where a symbol says so, and a part only by the function that it belongs to. */
  private checkEntry(reference: PayloadReference): Diagnostic | undefined {
    const { map } = this;
    const { to } = reference;
    const symbols = map.symbolsAround(to);
    const piece = this.pieces.at(to);
    const known = symbols.startingAt(to) !== undefined || this.isBehindEndbr(to);
    if (known && piece?.kind !== 'part') return undefined;
    if (piece?.kind === 'part' && this.patched.returning.has(piece))
      return this.middle(
        reference,
        `${map.title(to)}, a part of the old body of a function that is replaced`,
      );
    if (known || (reference.kind === 'pointer' && symbols.endsAt(to))) return undefined;
    const what =
      this.replaced.holding(to) === undefined
        ? 'the middle of a function'
        : 'the old body of a function that is replaced';
    return this.middle(reference, `${map.title(to)}, ${what}`);
  }

  private middle(reference: PayloadReference, where: string): Diagnostic {
    return diagnostic('XS618', {
      message: `${this.said(reference)} leads to ${where}`,
      at: this.map.locate(reference.at),
      hint: 'bring the whole function along, its cold part as well; registers and stack of the old code are its own',
    });
  }

  private isBehindEndbr(to: number): boolean {
    const entry = to - ENDBR64.length;
    if (this.map.symbolsAround(entry).startingAt(entry) === undefined) return false;
    return Buffer.from(this.map.bytesAt(entry, ENDBR64.length)).equals(Buffer.from(ENDBR64));
  }

  private beyondSymbol(reference: PayloadReference): Diagnostic | undefined {
    const { map } = this;
    const { symbol } = reference.relocation;
    const { image } = map.subject;
    const named = image.byName.get(symbol)?.map((k) => image.symbols[k]) ?? [];
    if (named.length === 0 || reference.kind === 'distance') return undefined;
    const inside = named.some(({ address, size }) => {
      const start = map.place(address);
      return size === 0 || (reference.to >= start && reference.to <= start + size);
    });
    if (inside) return undefined;
    return diagnostic('XS637', {
      message: `${this.said(reference)} leads to ${map.title(reference.to)}, beyond ${nameOf(symbol)} itself`,
      at: map.locate(reference.at),
      hint: 'a compiler may count from before an array or from behind it; otherwise the payload was built for another hypervisor',
    });
  }

  private said({ kind, relocation }: PayloadReference): string {
    const name = nameOf(relocation.symbol);
    if (kind === 'call') return `a call of ${name}`;
    if (kind === 'branch') return `a jump to ${name}`;
    return kind === 'pointer' ? `a pointer to ${name}` : `a reference to ${name}`;
  }
}

const nameOf = (symbol: string): string =>
  symbol === '' ? 'a symbol without a name' : printableName(symbol);
