/** Reads: named-payload. Makes: laid-out-payload. Assumes: every reference is bound and what is new has its name. Reports: XS501. */
import type { SerialPass } from '../src/engine/pass.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import * as c from '../src/elf/constants.js';
import { relocKind } from '../src/elf/reloc-x86-64.js';
import type { OutputObject, OutputRela, OutputSection } from '../src/elf/write.js';
import { planLayout } from '../src/model/layout.js';
import type { Layout } from '../src/model/layout.js';
import { atomBytes } from '../src/model/object-model.js';
import type { IncludedRef, LaidOutPayload, NamedPayload } from '../src/model/payload-artifacts.js';
import { verifyLayout } from '../src/model/verify.js';
import { SymbolTableBuilder } from '../src/model/output-symbols.js';

/** Gives every included atom its place, and turns references back into relocations. */
export const layOutPayload: SerialPass<NamedPayload, LaidOutPayload> = {
  name: 'lay-out-payload',
  reads: 'named-payload',
  makes: 'laid-out-payload',
  verify: verifyLayout,
  run: (resolved, ctx) => {
    const layout = planLayout(resolved);
    const object = assemble(resolved, layout);
    const size = layout.sections.reduce((sum, s) => sum + s.sh_size, 0);
    if (size > LARGEST_PAYLOAD) {
      ctx.report(
        diagnostic('XS501', {
          message: `the payload holds ${size} bytes; the hypervisor takes at most ${LARGEST_PAYLOAD}`,
          hint: 'split the patch into several, each on top of the one before',
        }),
      );
    }
    return { kind: 'laid-out-payload', resolved, object, placements: layout.placements };
  },
};

/** LIVEPATCH_MAX_SIZE, xen/include/xen/livepatch.h: 2 MiB. */
const LARGEST_PAYLOAD = 2 * 1024 * 1024;

function assemble(resolved: NamedPayload, layout: Layout): OutputObject {
  const symbols = new SymbolTableBuilder(resolved, layout);
  const contents = layout.sections.map((s) => filled(s.sh_flags, s.sh_type === c.SHT_NOBITS ? 0 : s.sh_size));
  const relas = layout.sections.map((): OutputRela[] => []);
  const done = new Set<string>();
  for (const [k, included] of resolved.atoms.entries()) {
    const { section, start } = layout.placements[k];
    if (section < 0) continue;
    // Equal strings share a place; the first one fills it.
    if (done.has(`${section}/${start}`) && layout.sections[section].sh_flags & c.SHF_STRINGS) continue;
    done.add(`${section}/${start}`);
    const { patched } = resolved.context.objects[included.object];
    if (layout.sections[section].sh_type !== c.SHT_NOBITS) {
      contents[section].set(atomBytes(patched, patched.atoms[included.atom]), start);
    }
    for (const ref of included.refs) {
      const at = start + ref.at;
      contents[section].fill(0, at, at + (relocKind(ref.r_type)?.width ?? 0));
      relas[section].push(relocation(ref, at, symbols));
    }
  }
  const sections = layout.sections.map((plan, k): OutputSection => {
    relas[k].sort((a, b) => a.r_offset - b.r_offset);
    const { sh_size, ...described } = plan;
    const size = plan.sh_type === c.SHT_NOBITS ? { sh_size } : {};
    return { ...described, ...size, bytes: contents[k], relas: relas[k] };
  });
  return { sections, symbols: symbols.all() };
}

/** Space between functions is filled with int3, so that nothing runs through it. */
function filled(sh_flags: number, size: number): Uint8Array {
  return new Uint8Array(size).fill(sh_flags & c.SHF_EXECINSTR ? 0xcc : 0);
}

function relocation(ref: IncludedRef, r_offset: number, symbols: SymbolTableBuilder): OutputRela {
  const target =
    ref.included >= 0
      ? symbols.ofIncluded(ref.included)
      : { symbol: symbols.ofExternal(ref.external), base: 0 };
  return {
    r_offset,
    r_type: ref.r_type,
    symbol: target.symbol,
    r_addend: target.base + ref.value - ref.correction + ref.high,
  };
}
