/** Reads: inclusion. Makes: resolved-payload. Assumes: externals are named as the original objects name them. Reports: XS401, XS402, XS409, XS412. */
import type { PassContext, SerialPass } from '../src/engine/pass.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import type { Location } from '../src/diag/diagnostic.js';
import { STT_FUNC } from '../src/elf/constants.js';
import { AtomStatus } from '../src/model/artifacts.js';
import { coldParent } from '../src/model/names.js';
import { atomNameInXen, locateAtom } from '../src/model/object-model.js';
import type { Atom } from '../src/model/object-model.js';
import type {
  Binding,
  External,
  IncludedAtom,
  Inclusion,
  ReplacedFunction,
  ResolvedPayload,
} from '../src/model/payload-artifacts.js';
import { stableSymbolName } from '../src/xen/image.js';
import type { ImageSymbol } from '../src/xen/image.js';

/**
 * Binds every name that the payload leaves open, and every function it replaces, to exactly one symbol of the
 * hypervisor or of an earlier payload, or refuses with the candidates.
 */
export const resolveSymbols: SerialPass<Inclusion, ResolvedPayload> = {
  name: 'resolve-symbols',
  reads: 'inclusion',
  makes: 'resolved-payload',
  run: (inclusion, ctx) => {
    const replaced = inclusion.atoms.flatMap((included, k) =>
      isReplacement(inclusion, included) ? (bindReplaced(inclusion, included, k, ctx) ?? []) : [],
    );
    for (const twice of repeated(replaced)) ctx.report(replacedTwice(inclusion, twice));
    return {
      kind: 'resolved-payload',
      context: inclusion.context,
      atoms: inclusion.atoms,
      bindings: inclusion.externals.map((external) => bindExternal(inclusion, external, ctx)),
      replaced,
    };
  },
};

function atomOf(inclusion: Inclusion, included: IncludedAtom): Atom {
  return inclusion.context.objects[included.object].patched.atoms[included.atom];
}

/** A changed function that callers enter: cold parts are entered only from their own hot part. */
function isReplacement(inclusion: Inclusion, included: IncludedAtom): boolean {
  const atom = atomOf(inclusion, included);
  const { status } = inclusion.context.objects[included.object];
  return (
    atom.role === 'text' && status[atom.index] === AtomStatus.changed && coldParent(atom.name) === undefined
  );
}

function locate(inclusion: Inclusion, included: IncludedAtom, at = 0): Location {
  const { object, patched } = inclusion.context.objects[included.object];
  return locateAtom(object, patched, patched.atoms[included.atom], at);
}

/** The name under which Xen knows the original of an included function. */
function runningName(inclusion: Inclusion, included: IncludedAtom): string {
  const home = inclusion.context.objects[included.object];
  const counterpart = home.correlation.toOrig[included.atom];
  return counterpart < 0
    ? atomNameInXen(home.object, home.patched.atoms[included.atom])
    : atomNameInXen(home.object, home.orig.atoms[counterpart]);
}

function bindReplaced(
  inclusion: Inclusion,
  included: IncludedAtom,
  k: number,
  ctx: PassContext,
): ReplacedFunction | undefined {
  const { image, stack } = inclusion.context;
  const name = runningName(inclusion, included);
  const newSize = atomOf(inclusion, included).size;
  const inImage = (image.byName.get(name) ?? []).map((i) => image.symbols[i]);
  // The lowest payload that has it brought it; those above only replace it, which makes no new symbol.
  const earlier = stack.find((payload) => payload.symbols.has(name));
  if (inImage.length === 1) {
    const [symbol] = inImage;
    if (earlier === undefined && !sameBase(inclusion, included, symbol, ctx)) return undefined;
    return { included: k, name, oldAddress: symbol.address, oldSize: symbol.size, newSize };
  }
  if (inImage.length > 1) {
    ctx.report(ambiguous(name, inImage, locate(inclusion, included)));
    return undefined;
  }
  const brought = earlier?.symbols.get(name);
  if (brought !== undefined) {
    return { included: k, name: brought.name, oldAddress: undefined, oldSize: brought.size, newSize };
  }
  ctx.report(unknown(`the function ${name} that changed`, name, inclusion, locate(inclusion, included)));
  return undefined;
}

/**
 * The original object must be what the image was linked from: a function of another size proves that it is not. Where
 * the base is proven, that pass shows what differs.
 */
function sameBase(
  inclusion: Inclusion,
  included: IncludedAtom,
  symbol: ImageSymbol,
  ctx: PassContext,
): boolean {
  if (inclusion.context.wishes.proveBase === true && symbol.type === STT_FUNC) return true;
  const home = inclusion.context.objects[included.object];
  const orig = home.orig.atoms[home.correlation.toOrig[included.atom]];
  // The symbol's own size: entry points inside a function make the atom larger than the symbol that names it.
  const size = orig.label < 0 ? orig.size : Number(home.orig.file.symbols.st_size[orig.label]);
  if (symbol.size === size && symbol.type === STT_FUNC) return true;
  ctx.report(
    diagnostic('XS409', {
      message: `${symbol.name} has ${symbol.size} bytes in ${inclusion.context.image.name}, but ${size} in the object built from the source`,
      at: locate(inclusion, included),
      hint: 'the source, configuration or compiler is not that of the running hypervisor: build from exactly its sources',
    }),
  );
  return false;
}

function bindExternal(inclusion: Inclusion, external: External, ctx: PassContext): Binding {
  const { image, stack } = inclusion.context;
  const { name } = external;
  const at = locate(inclusion, inclusion.atoms[external.user], external.at);
  const exact = (image.byName.get(name) ?? []).map((i) => image.symbols[i]);
  const inStack = stack.flatMap((payload) => payload.symbols.get(name) ?? []);
  if (external.numbered && stack.length > 0) return bindNumbered(inclusion, external, at, ctx);
  if (exact.length === 1) return { name, address: exact[0].address };
  if (exact.length > 1) {
    ctx.report(ambiguous(name, exact, at));
  } else if (inStack.length > 0) {
    return { name: inStack[0].name, address: undefined };
  } else {
    ctx.report(unknown(name, name, inclusion, at));
  }
  return { name, address: undefined };
}

/**
 * On top of other payloads the numbers of static locals mean nothing: the hypervisor was compiled before the
 * earlier patches, the original object after them. Only a name that is unique without its number will do.
 */
function bindNumbered(inclusion: Inclusion, external: External, at: Location, ctx: PassContext): Binding {
  const { image, stack } = inclusion.context;
  const wanted = stableSymbolName(external.name);
  const inImage = (image.byStableName.get(wanted) ?? []).map((i) => image.symbols[i]);
  const inStack = stack.flatMap((payload) =>
    [...payload.symbols].filter(([key]) => stableSymbolName(key) === wanted).map(([, symbol]) => symbol),
  );
  if (inImage.length + inStack.length === 1) {
    return inImage.length === 1
      ? { name: inImage[0].name, address: inImage[0].address }
      : { name: inStack[0].name, address: undefined };
  }
  if (inImage.length + inStack.length === 0) ctx.report(unknown(external.name, external.name, inclusion, at));
  else ctx.report(ambiguous(external.name, [...inImage, ...inStack.map((s) => ({ ...s, address: 0n }))], at));
  return { name: external.name, address: undefined };
}

const SHOWN_CANDIDATES = 5;

function ambiguous(
  name: string,
  candidates: readonly ImageSymbol[],
  at: Location,
): ReturnType<typeof diagnostic> {
  const shown = candidates
    .slice(0, SHOWN_CANDIDATES)
    .map((s) => `${s.name} at 0x${s.address.toString(16)}, ${s.size} bytes`);
  return diagnostic('XS402', {
    message: `${name} is ${candidates.length} symbols of the running hypervisor`,
    at,
    notes: shown.map((text) => `candidate: ${text}`),
    hint: 'the loader finds symbols by name only; rename one of them in the source of the hypervisor, or patch a caller instead',
  });
}

function unknown(
  what: string,
  name: string,
  inclusion: Inclusion,
  at: Location,
): ReturnType<typeof diagnostic> {
  const bare = name.slice(name.lastIndexOf('#') + 1);
  const { image } = inclusion.context;
  const similar = image.symbols
    .filter((s) => s.name.slice(s.name.lastIndexOf('#') + 1) === bare)
    .slice(0, SHOWN_CANDIDATES);
  return diagnostic('XS401', {
    message: `${what} is not in ${image.name}${inclusion.context.stack.length > 0 ? ' nor in the payloads below' : ''}`,
    at,
    notes: similar.map((s) => `a symbol of that name elsewhere: ${s.name}`),
    hint: 'is this the xen-syms of the hypervisor that was built from this source? Give earlier payloads with --on-top-of',
  });
}

/** Functions of the running system for which there is more than one replacement. */
function repeated(replaced: readonly ReplacedFunction[]): (readonly ReplacedFunction[])[] {
  const byName = new Map<string, ReplacedFunction[]>();
  for (const one of replaced) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  return [...byName.values()].filter((group) => group.length > 1);
}

function replacedTwice(
  inclusion: Inclusion,
  twice: readonly ReplacedFunction[],
): ReturnType<typeof diagnostic> {
  const objects = twice.map((r) => inclusion.context.objects[inclusion.atoms[r.included].object].object);
  return diagnostic('XS412', {
    message: `${twice[0].name} is replaced by ${twice.length} objects: ${objects.join(', ')}`,
    at: locate(inclusion, inclusion.atoms[twice[0].included]),
    hint: 'leave out the objects that are only steps on the way to others (ld -r, objcopy) and not linked themselves',
  });
}
