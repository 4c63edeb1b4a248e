/**
 * How to build all objects of the hypervisor, and not the hypervisor.
 *
 * The final link takes three passes over xen-syms and three over xen.efi, and nothing here needs it. But no
 * public goal of xen/Makefile stops before it. The rule that ends in the link is
 *
 *     $(TARGET): …                        the same in every version since 4.0
 *             … tools, generated headers, asm-offsets …
 *             $(Q)$(MAKE) $(build)=. … $@         4.17 and later; before: -f Rules.mk -C arch/… $@
 *
 * and the makefile that its last line calls has a goal prelink.o, which is all objects and one `ld -r`. So a
 * makefile beside the tree includes the tree's own and repeats this one rule under another name, with
 * prelink.o in place of $@. The recipe is taken from the tree itself, whatever its version says there.
 */

/** The goal that the generated makefile defines. */
export const OBJECTS_GOAL = 'xsplice-objects';

/**
 * The text of that makefile for a tree whose xen/Makefile is `makefile`; undefined if the rule is not found
 * in this form, and then the whole hypervisor must be built.
 */
export function objectsMakefile(makefile: string): string | undefined {
  const lines = makefile.split('\n');
  const start = lines.findIndex((line) => /^\$\(TARGET\):(?!=)/.test(line));
  if (start < 0) return undefined;
  const recipe: string[] = [];
  for (const line of lines.slice(start + 1)) {
    const continued = recipe.at(-1)?.endsWith('\\') ?? false;
    if (!line.startsWith('\t') && !continued) break;
    recipe.push(line);
  }
  const last = recipe.pop();
  if (last === undefined || !last.includes('$(MAKE)') || !/\s\$@\s*$/.test(last)) return undefined;
  if (recipe.some((line) => line.includes('$@'))) return undefined;
  return [
    '# Builds every object of the hypervisor and leaves out the final link.',
    'include Makefile',
    `.PHONY: ${OBJECTS_GOAL}`,
    (lines[start] ?? '').replace('$(TARGET)', OBJECTS_GOAL),
    ...recipe,
    last.replace(/\$@\s*$/, 'prelink.o'),
    '',
  ].join('\n');
}
