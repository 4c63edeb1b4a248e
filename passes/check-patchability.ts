/** Reads: named-payload. Makes: named-payload. Assumes: every replaced function is bound. Reports: XS405, XS410. */
import type { PassContext, SerialPass } from '../src/engine/pass.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import { R_X86_64_64, R_X86_64_PC32, R_X86_64_PLT32 } from '../src/elf/constants.js';
import { relocName } from '../src/elf/reloc-x86-64.js';
import { atomTitle, locateAtom } from '../src/model/object-model.js';
import type { ReplacedFunction, NamedPayload } from '../src/model/payload-artifacts.js';
import { imageBytes } from '../src/xen/image.js';

/** Checks what the loader would refuse, or die of: functions too small for the jump, relocations it cannot do. */
export const checkPatchability: SerialPass<NamedPayload, NamedPayload> = {
  name: 'check-patchability',
  reads: 'named-payload',
  makes: 'named-payload',
  run: (payload, ctx) => {
    for (const replaced of payload.replaced) checkRoom(payload, replaced, ctx);
    checkRelocationTypes(payload, ctx);
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
