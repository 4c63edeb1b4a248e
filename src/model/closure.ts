/**
 * What a payload must contain, found by following references from its roots.
 *
 * For each reference of an included atom there are two ends. Either the target comes along: it is new, it
 * changed, or it is a literal without identity, of which a copy is as good. Or it stays where it is and becomes
 * a symbol that the running hypervisor provides, named as the *original* object names it, because the hypervisor
 * was built from that one. Entries of special sections come along with the code they describe.
 *
 * The order of the result is that of objects, sections and offsets, whatever order the search took.
 */
import type { Location, Report } from '../diag/diagnostic.js';
import { diagnostic } from '../diag/diagnostic.js';
import { stBind, STB_LOCAL, STT_FILE, stType } from '../elf/constants.js';
import { symbolSection, symbolTitle } from '../elf/read.js';
import { AtomStatus } from './artifacts.js';
import type { ChangedObject } from './artifacts.js';
import { commonSymbols } from './common-symbols.js';
import { isLiteral } from './compare.js';
import { isNumbered, nameInXen } from './names.js';
import type { Atom, Ref } from './object-model.js';
import { atomSection, atomTitle, locateAtom } from './object-model.js';
import { isCode } from './section-role.js';
import type { External, IncludedAtom, IncludedRef, Inclusion, Selection } from './payload-artifacts.js';

interface Found {
  readonly object: number;
  readonly atom: number;
  readonly reason: IncludedAtom['reason'];
  readonly from: Found | undefined;
  readonly refs: FoundRef[];
}

interface FoundRef {
  readonly ref: Ref;
  readonly value: number;
  readonly to: Found | { readonly external: string; readonly numbered: boolean } | undefined;
}

export function closeOver(selection: Selection, report: Report): Inclusion {
  const search = new Search(selection, report);
  return search.run();
}

class Search {
  private readonly found = new Map<string, Found>();
  private readonly queue: Found[] = [];
  private readonly objects: readonly ChangedObject[];
  /** Global name -> where a changed or new object defines it. */
  private readonly definitions = new Map<string, { object: number; atom: number; value: number }>();

  constructor(
    private readonly selection: Selection,
    private readonly report: Report,
  ) {
    this.objects = selection.context.objects;
    for (const [k, { patched }] of this.objects.entries()) {
      const { symbols } = patched.file;
      for (let i = symbols.firstGlobal; i < symbols.count; i++) {
        const atom = patched.atomOfSymbol[i];
        if (atom < 0 || stBind(symbols.st_info[i]) === STB_LOCAL) continue;
        const value = Number(symbols.st_value[i]) - patched.atoms[atom].start;
        this.definitions.set(symbols.names[i], { object: k, atom, value });
      }
    }
  }

  run(): Inclusion {
    for (const root of this.selection.roots) this.include(root.object, root.atom, root.reason, undefined);
    // The queue grows while it is walked.
    for (const next of this.queue) this.visit(next);
    return this.result();
  }

  private include(
    object: number,
    atom: number,
    reason: IncludedAtom['reason'],
    from: Found | undefined,
  ): Found {
    const key = `${object}/${atom}`;
    const known = this.found.get(key);
    if (known !== undefined) return known;
    const added: Found = { object, atom, reason, from, refs: [] };
    this.found.set(key, added);
    this.queue.push(added);
    return added;
  }

  private visit(at: Found): void {
    const { patched } = this.objects[at.object];
    for (const ref of patched.refs[at.atom]) {
      const target =
        ref.atom >= 0 ? { object: at.object, atom: ref.atom, value: ref.value } : this.definitionOf(at, ref);
      const bound = target === undefined ? this.outside(at, ref) : this.bind(at, ref, target);
      if (bound !== undefined) at.refs.push({ ref, ...bound });
    }
    for (const entry of patched.entries[at.atom]) this.include(at.object, entry, 'describes', at);
  }

  private definitionOf(at: Found, ref: Ref): { object: number; atom: number; value: number } | undefined {
    if (ref.symbol < 0) return undefined;
    const definition = this.definitions.get(this.objects[at.object].patched.file.symbols.names[ref.symbol]);
    return definition === undefined ? undefined : { ...definition, value: definition.value + ref.value };
  }

  /** An undefined symbol that no changed object defines: the hypervisor has it. */
  private outside(at: Found, ref: Ref): { value: number; to: FoundRef['to'] } | undefined {
    const { file } = this.objects[at.object].patched;
    if (symbolSection(file.symbols, ref.symbol) === undefined) {
      return { value: ref.value, to: { external: file.symbols.names[ref.symbol] ?? '', numbered: false } };
    }
    this.refuseNameless(at, ref, symbolTitle(file, ref.symbol));
    return undefined;
  }

  private bind(
    at: Found,
    ref: Ref,
    target: { object: number; atom: number; value: number },
  ): { value: number; to: FoundRef['to'] } | undefined {
    const home = this.objects[target.object];
    const atom = home.patched.atoms[target.atom];
    const status = home.status[atom.index];
    const { value } = target;
    if (isLiteral(atom)) return { value, to: this.include(target.object, atom.index, 'referenced', at) };
    // Nothing refers to the end of code, so a seam before code is its start.
    if (ref.seam && !isCode(atom.role) && !sameSeam(home, atom)) this.refuseSeam(at, ref, atom);
    if (status === AtomStatus.same) return this.stays(at, ref, target, home, atom);
    if (atom.role === 'init-text' || atom.role === 'init-data' || atom.role === 'percpu')
      return this.stays(at, ref, target, home, atom);
    if (status === AtomStatus.added && home.correlation.ambiguous.includes(atom.index))
      this.refuseAmbiguous(target.object, atom);
    // Changed data was refused by the differ; binding it to the old object keeps the artifact well-formed.
    const comes = atom.role === 'text' || status === AtomStatus.added || status === AtomStatus.carried;
    if (!comes) return this.stays(at, ref, target, home, atom);
    return { value, to: this.include(target.object, atom.index, 'referenced', at) };
  }

  /** The target remains in the hypervisor: finds the symbol of the original object by which it is known there. */
  private stays(
    at: Found,
    ref: Ref,
    target: { value: number },
    home: ChangedObject,
    atom: Atom,
  ): { value: number; to: FoundRef['to'] } | undefined {
    if (atom.role === 'init-text' || atom.role === 'init-data') this.refuseInit(at, ref, atom);
    if (home.differences.get(atom.index)?.kind === 'size') this.refuseSize(at, ref, atom);
    const counterpart = home.correlation.toOrig[atom.index];
    const known = counterpart < 0 ? undefined : home.orig.atoms[counterpart];
    const { symbols } = home.orig.file;
    const label =
      known?.symbols.find((i) => i === known.label) ??
      known?.symbols.find((i) => !symbols.names[i].startsWith('.L'));
    if (known === undefined && commonSymbols(home.orig.file).has(atom.name))
      return { value: target.value, to: { external: atom.name, numbered: false } };
    if (known === undefined || label === undefined) {
      this.refuseNameless(at, ref, atomTitle(home.patched, atom));
      return undefined;
    }
    const bare = symbols.names[label];
    const local = stBind(symbols.st_info[label]) === STB_LOCAL;
    const source = label === known.label ? known.sourceFile : fileBefore(home, label);
    return {
      value: target.value - (Number(symbols.st_value[label]) - known.start),
      to: {
        external: nameInXen(home.object, bare, local, source),
        numbered: local && isNumbered(bare),
      },
    };
  }

  private result(): Inclusion {
    const order = [...this.found.values()].sort((a, b) => a.object - b.object || a.atom - b.atom);
    const position = new Map(order.map((f, k) => [f, k]));
    const externals: External[] = [];
    const externalAt = new Map<string, number>();
    const atoms = order.map((f, user): IncludedAtom => {
      const refs = f.refs.map(({ ref, value, to }): IncludedRef => {
        const { at, r_type, correction, high } = ref;
        if (to === undefined || !('external' in to)) {
          return {
            at,
            r_type,
            included: to === undefined ? -1 : (position.get(to) ?? -1),
            external: -1,
            value,
            correction,
            high,
          };
        }
        let external = externalAt.get(to.external);
        if (external === undefined) {
          external = externals.length;
          externalAt.set(to.external, external);
          externals.push({ name: to.external, numbered: to.numbered, user, at });
        }
        return { at, r_type, included: -1, external, value, correction, high };
      });
      const from = f.from === undefined ? -1 : (position.get(f.from) ?? -1);
      return { object: f.object, atom: f.atom, reason: f.reason, from, refs };
    });
    return { kind: 'inclusion', context: this.selection.context, atoms, externals };
  }

  private place(at: Found, ref: Ref): Location {
    const { object, patched } = this.objects[at.object];
    return locateAtom(object, patched, patched.atoms[at.atom], ref.at);
  }

  private refuseSeam(at: Found, ref: Ref, atom: Atom): void {
    const { patched } = this.objects[at.object];
    this.report(
      diagnostic('XS407', {
        message: `a reference may mean the start of ${atomTitle(patched, atom)} or the end of what precedes it, and the patch moved them apart`,
        at: this.place(at, ref),
        hint: 'compile with -fdata-sections, so that objects do not share a section',
      }),
    );
  }

  private refuseAmbiguous(home: number, atom: Atom): void {
    // Once, however many references there are.
    if (this.found.has(`${home}/${atom.index}`)) return;
    const { object, patched } = this.objects[home];
    this.report(
      diagnostic('XS201', {
        message: `it is not clear whether ${atomTitle(patched, atom)} is a new variable or one that the hypervisor has under another number`,
        at: { object, section: atomSection(patched, atom).name, symbol: atomTitle(patched, atom) },
        hint: 'give the variable a name of its own in the patch, or move it out of the function',
      }),
    );
  }

  private refuseInit(at: Found, ref: Ref, atom: Atom): void {
    const { patched } = this.objects[at.object];
    this.report(
      diagnostic('XS406', {
        message: `included code refers to ${atomTitle(patched, atom)}, which the hypervisor discarded after boot`,
        at: this.place(at, ref),
        hint: 'a function that runs after boot must not use __init code or data; alternative calls through an __initdata table (Xen before 4.19) cannot be made again in a payload',
      }),
    );
  }

  /** That the size changed was accepted; that included code relies on the new one cannot be. */
  private refuseSize(at: Found, ref: Ref, atom: Atom): void {
    const { patched } = this.objects[at.object];
    this.report(
      diagnostic('XS302', {
        message: `included code uses ${atomTitle(patched, atom)}, whose size changed; the hypervisor has it in its old size`,
        at: this.place(at, ref),
        hint: 'keep the object as it is and put what is new into a new one',
      }),
    );
  }

  private refuseNameless(at: Found, ref: Ref, what: string): void {
    this.report(
      diagnostic('XS403', {
        message: `included code refers to ${what}, which has no symbol to find it by in the hypervisor`,
        at: this.place(at, ref),
        hint: 'give it a name in its source',
      }),
    );
  }
}

/** Whether an atom and the one before it stand as they stood in the original, so that a seam means one address. */
function sameSeam(home: ChangedObject, atom: Atom): boolean {
  const { orig, patched, correlation } = home;
  const before = patched.atoms[atom.index - 1];
  const x = correlation.toOrig[atom.index];
  const y = correlation.toOrig[before.index];
  if (x < 0 || y !== x - 1) return false;
  return (
    orig.atoms[x].start - orig.atoms[y].start === atom.start - before.start &&
    orig.atoms[y].size === before.size
  );
}

function fileBefore(home: ChangedObject, label: number): string {
  const { symbols } = home.orig.file;
  for (let i = label; i > 0; i--) if (stType(symbols.st_info[i]) === STT_FILE) return symbols.names[i];
  return '';
}
