/**
 * Names as compilers number them. Two builds of nearly the same source give `foo.constprop.3` for what was
 * `foo.constprop.2`, and `count.1234` for what was `count.1229`: the number is nothing, the rest is the name.
 */

const CHILD_SUFFIX = /\.(isra|constprop|part|cold|llvm)(\.[0-9a-f]+)?(?=\.|$)/g;
const NUMBER_SUFFIX = /\.\d+$/;

/** The suffixes of what a compiler makes of a function, in a stable name: all, and those that are the whole of it. */
export const CHILD_SUFFIXES = /\.(isra|constprop|part|cold|llvm)(?=\.|$)/g;
export const CLONE_SUFFIXES = /\.(isra|constprop|llvm)(?=\.|$)/g;

/** The name without the compiler's numbers: `a.constprop.2.isra.0` becomes `a.constprop.isra`, `n.12` becomes `n`. */
export function stableName(name: string): string {
  // Nearly no name has one.
  if (!name.includes('.')) return name;
  const children = name.replace(CHILD_SUFFIX, '.$1');
  return children.replace(NUMBER_SUFFIX, '');
}

/** Whether a name ends in a compiler's number: a static local, `__func__.4`, `CSWTCH.7`. */
export function isNumbered(name: string): boolean {
  return NUMBER_SUFFIX.test(name.replace(CHILD_SUFFIX, ''));
}

/** Whether the compiler made the thing of this name: clang's tables of a function's strings and switches. */
export function isCompilerTable(name: string): boolean {
  return /^(reltable|switch\.table)\./.test(name);
}

/** The name of the function whose cold part bears this name, or undefined when it is no cold part. */
export function coldParent(name: string): string | undefined {
  const found = /^(.+)\.cold(\.\d+)?$/.exec(name);
  return found?.[1];
}

/**
 * What goes before the `#` of a local symbol when its object has no STT_FILE symbol, as assembled ones have none:
 * the linker puts in the file name of the object. Source: elf_link_input_bfd, GNU ld.
 */
export function objectFile(object: string): string {
  return object.slice(object.lastIndexOf('/') + 1);
}

/** A symbol as Xen's own table spells it: `name`, or `file#name` for a local one. */
export function nameInXen(object: string, name: string, local: boolean, sourceFile: string): string {
  return local ? `${sourceFile === '' ? objectFile(object) : sourceFile}#${name}` : name;
}

/** A name as a symbol of an object has it: without the file before a local one, as xen-syms and messages put it (`file.c#name`). */
export function bareName(name: string): string {
  return name.slice(name.lastIndexOf('#') + 1);
}
