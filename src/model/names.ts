/**
 * Names as compilers number them. Two builds of nearly the same source give `foo.constprop.3` for what was
 * `foo.constprop.2`, and `count.1234` for what was `count.1229`: the number is nothing, the rest is the name.
 */

const CHILD_SUFFIX = /\.(isra|constprop|part|cold|llvm)(\.[0-9a-f]+)?(?=\.|$)/g;
const NUMBER_SUFFIX = /\.\d+$/;

/** The name without the compiler's numbers: `a.constprop.2.isra.0` becomes `a.constprop.isra`, `n.12` becomes `n`. */
export function stableName(name: string): string {
  const children = name.replace(CHILD_SUFFIX, '.$1');
  return children.replace(NUMBER_SUFFIX, '');
}

/** Whether a name ends in a compiler's number: a static local, `__func__.4`, `CSWTCH.7`. */
export function isNumbered(name: string): boolean {
  return NUMBER_SUFFIX.test(name.replace(CHILD_SUFFIX, ''));
}

/** The name of the function whose cold part bears this name, or undefined when it is no cold part. */
export function coldParent(name: string): string | undefined {
  const found = /^(.+)\.cold(\.\d+)?$/.exec(name);
  return found?.[1];
}
