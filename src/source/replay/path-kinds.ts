/**
 * What a file of the tree decides, told from its path. Only of a source file that the compiler reads is it known which
 * objects follow from it; everything else may decide about any file, and is for make.
 */
import type { RefusalKind } from './refusal.js';

const KINDS: readonly (readonly [RegExp, RefusalKind, string])[] = [
  [/(?:^|\/)(?:Makefile|Kbuild|Rules\.mk|Config\.mk|[^/]+\.mk)[^/]*$/, 'makefile', 'is a makefile'],
  [/(?:^|\/)Kconfig[^/]*$|(?:^|\/)\.config$/, 'kconfig', 'decides the configuration'],
  [/\.lds(?:\.S)?$/, 'linker-script', 'is a linker script'],
  [/^xen\/include\/public\//, 'public-header', 'is a public header, from which others are generated'],
  [/(?:^|\/)asm-offsets\.c$/, 'generator', 'gives assembly its offsets'],
  [/^xen\/(?:tools|scripts)\//, 'generator', 'is a tool of the build'],
];

/** Files beside the sources that no build reads. */
const BYSTANDER =
  /(?:~|\.(?:orig|rej|patch|diff|swp|log|txt|md|rst|map|efi|gz|o|a|d|cmd|tmp|new))$|(?:^|\/)(?:COPYING|README|CODING_STYLE|MAINTAINERS|\.git\w*|\.\w[^/]*|tags|TAGS|cscope\.\w+)$|^xen\/[\w-]+$/;

/**
 * `source`: what the compiler reads; `bystander`: no build reads it; otherwise why it is for make. `path` is relative
 * to the top.
 */
export function kindOf(
  path: string,
): 'source' | 'bystander' | { readonly kind: RefusalKind; readonly what: string } {
  for (const [pattern, kind, what] of KINDS) if (pattern.test(path)) return { kind, what };
  if (path.startsWith('xen/test/')) return 'bystander';
  if (/^xen\/.*\.[chS]$/.test(path)) return 'source';
  if (BYSTANDER.test(path)) return 'bystander';
  return { kind: 'generator', what: 'is read by something else than the compiler' };
}
