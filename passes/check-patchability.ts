/** Reads: named-payload. Makes: named-payload. Assumes: every replaced function is bound. Reports: XS405, XS410, XS414, XS442. */
import type { PassContext, SerialPass } from '../src/engine/pass.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import { R_X86_64_64, R_X86_64_PC32, R_X86_64_PLT32 } from '../src/elf/constants.js';
import { relocName } from '../src/elf/reloc-x86-64.js';
import { atomSection, atomTitle, locateAtom } from '../src/model/object-model.js';
import type { ReplacedFunction, NamedPayload } from '../src/model/payload-artifacts.js';
import { HOOK_SIZE, hookKind, hookNames } from '../src/xen/hooks.js';
import { imageBytes } from '../src/xen/image.js';

/** Checks what the loader would refuse, or die of: functions too small for the jump, relocations it cannot do. */
export const checkPatchability: SerialPass<NamedPayload, NamedPayload> = {
  name: 'check-patchability',
  reads: 'named-payload',
  makes: 'named-payload',
  run: (payload, ctx) => {
    for (const replaced of payload.replaced) {
      checkRoom(payload, replaced, ctx);
      checkReached(payload, replaced, ctx);
    }
    checkRelocationTypes(payload, ctx);
    checkHooks(payload, ctx);
    return payload;
  },
};

/** Bytes of `jmp rel32`. */
const JUMP_SIZE = 5;
/** An endbr64, or what Xen overwrites it with, stays in front of the jump. Source: xen/arch/x86/livepatch.c. */
const LANDING_PADS = ['f30f1efa', '660f1f01'];

function checkRoom(payload: NamedPayload, replaced: ReplacedFunction, ctx: PassContext): void {
  const head = headOf(payload, replaced);
  const landing =
    head !== undefined && LANDING_PADS.includes(Buffer.from(head.subarray(0, 4)).toString('hex'));
  const needed = landing ? JUMP_SIZE + 4 : JUMP_SIZE;
  if (replaced.oldSize >= needed) return;
  const { object, patched } = payload.context.objects[payload.atoms[replaced.included].object];
  ctx.report(
    diagnostic('XS410', {
      message: `${replaced.name} has ${replaced.oldSize} bytes; the jump needs ${needed}${landing ? ', because it begins with endbr64' : ''}`,
      at: { object, symbol: atomTitle(patched, patched.atoms[payload.atoms[replaced.included].atom]) },
      hint: 'change its callers instead, so that they use a new function',
    }),
  );
}

/** A jump at a function whose callers a payload below has turned elsewhere would never be run. */
function checkReached(payload: NamedPayload, replaced: ReplacedFunction, ctx: PassContext): void {
  const below = payload.context.stack.find(({ spliced }) => spliced.get(replaced.name) === 'callers');
  if (below === undefined) return;
  const { object, patched } = payload.context.objects[payload.atoms[replaced.included].object];
  ctx.report(
    diagnostic('XS442', {
      message: `${below.name.replace(/^.*\//, '')} below has turned the callers of ${replaced.name} to its own: nothing enters the old one`,
      at: { object, symbol: atomTitle(patched, patched.atoms[payload.atoms[replaced.included].atom]) },
      hint: 'make a payload that replaces that one, with both changes (--replace)',
    }),
  );
}

function headOf(payload: NamedPayload, replaced: ReplacedFunction): Uint8Array | undefined {
  const { image, stack } = payload.context;
  if (replaced.oldAddress !== undefined) return imageBytes(image, replaced.oldAddress, 4);
  for (const below of stack)
    for (const symbol of below.symbols.values()) if (symbol.name === replaced.name) return symbol.head;
  return undefined;
}

/** Types that Xen's loader applies. Source: arch_livepatch_perform_rela, xen/arch/x86/livepatch.c. */
const LOADABLE: readonly number[] = [R_X86_64_64, R_X86_64_PC32, R_X86_64_PLT32];

function checkRelocationTypes(payload: NamedPayload, ctx: PassContext): void {
  for (const included of payload.atoms) {
    const { object, patched } = payload.context.objects[included.object];
    const atom = patched.atoms[included.atom];
    for (const ref of included.refs) {
      if (LOADABLE.includes(ref.r_type)) continue;
      ctx.report(
        diagnostic('XS405', {
          message: `${atomTitle(patched, atom)} needs a relocation of type ${relocName(ref.r_type)}, which the hypervisor's loader does not apply`,
          at: locateAtom(object, patched, atom, ref.at),
          hint: 'compile with -fpic and hidden visibility as Xen does; a short jump between two functions needs them in sections of their own',
        }),
      );
    }
  }
}

/** Hooks that the loader would pass over in silence, and those that it would refuse. */
function checkHooks(payload: NamedPayload, ctx: PassContext): void {
  const { abi, replace } = payload.context.wishes;
  const sizes = new Map<string, number>();
  for (const { object: home, atom: index } of payload.atoms) {
    const { object, patched } = payload.context.objects[home];
    const atom = patched.atoms[index];
    if (atom.role !== 'hooks') continue;
    const { name } = atomSection(patched, atom);
    const size = (sizes.get(name) ?? 0) + atom.size;
    sizes.set(name, size);
    const kind = hookKind(name, abi);
    const wrong = (what: string, hint: string): void =>
      ctx.report(
        diagnostic('XS414', { message: `${name}: ${what}`, at: locateAtom(object, patched, atom), hint }),
      );
    if (kind === undefined)
      wrong(
        `a loader of the form ${abi.name} has no such hook and would pass over it`,
        `the hooks that it has are ${hookNames(abi).join(', ')}`,
      );
    else if (size % HOOK_SIZE !== 0)
      wrong('a hook is a pointer of 8 bytes', 'use the macros of xsplice-hooks.h');
    else if (!kind.list && size > HOOK_SIZE)
      wrong('there is more than one function, and the loader takes one', 'call them from one function');
    else if (kind.outside && replace)
      wrong(
        'the loader does not replace payloads by one with such a hook',
        'use load and unload hooks, or apply without replacing',
      );
  }
}
