/**
 * The second step of compiling since 4.17, which no record names: where symbols of several files must differ, the
 * compiler writes .NAME.o.tmp, and objcopy makes NAME.o of it, in which the symbol of the source file is its whole path.
 *
 *     $(OBJCOPY) --redefine-sym $(<F)=$(call rel-path,$<) $(dot-target).tmp $@
 *
 * It is done only for trees whose Rules.mk says just this.
 */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { CompileCommand } from './compile-command.js';

/** Whether Rules.mk of the absolute `xen` has the step in the form that is known. */
export function hasRenamingStep(xen: string): boolean {
  const rules = readFileSync(join(xen, 'Rules.mk'), 'latin1');
  return /\$\(OBJCOPY\) --redefine-sym \$\(<F\)=\$\(call rel-path,\$<\) \$\(dot-target\)\.tmp \$@/.test(
    rules,
  );
}

/** Where the objcopy that belongs to a compiler may be: with the same prefix, in the same folder or by PATH. */
export function objcopiesOf(compiler: string): readonly string[] {
  const prefix = /^(.*?)(?:gcc|clang|cc)(?:-\d[\d.]*)?$/.exec(compiler)?.[1] ?? '';
  return [`${prefix}objcopy`, `${posix.basename(`${prefix}x`).slice(0, -1)}objcopy`];
}

/** The arguments of the step that makes `object` of what `command` wrote; `realSource` is the path behind all links. */
export function renamingArguments(
  command: CompileCommand,
  object: string,
  realSource: string,
): readonly string[] {
  const renamed = `${posix.basename(command.source)}=${realSource}`;
  return ['--redefine-sym', renamed, command.output, object];
}
