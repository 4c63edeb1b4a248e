/**
 * Why compiling single files is not enough, and the tree's own make has to build. Not an error: a reason, which the
 * result carries (`kind` for programs, `text` for readers), unless the user insisted.
 */

/**
 * `old-tree`         before 4.17, records name no files that could be followed
 * `never-complete`   the tree was never built to the end
 * `makefile`, `kconfig`, `generator`, `public-header`, `linker-script`
 *                    the patch, or an edit since the last build, touches what decides about other files
 * `created-removed`  the patch makes or removes files, or changes their permissions
 * `unrecorded`       no record names a file that the patch touches
 * `unknown-record`   a record that is needed cannot be read, or its command is not understood
 * `generated`        a generated file becomes another one
 * `other-way`        an object that is reached gets into the hypervisor in a way that is not recorded
 * `links`            folders of the tree lead elsewhere
 * `compiler`         the compiler is missing, or refused a file, and make is asked for its opinion
 */
export type RefusalKind =
  | 'old-tree'
  | 'never-complete'
  | 'makefile'
  | 'kconfig'
  | 'generator'
  | 'public-header'
  | 'linker-script'
  | 'created-removed'
  | 'unrecorded'
  | 'unknown-record'
  | 'generated'
  | 'other-way'
  | 'links'
  | 'compiler';

/** Why make had to build. */
export interface Refusal {
  /** For programs. */
  readonly kind: RefusalKind;
  /** A clause: `xen/Rules.mk is a makefile`. */
  readonly text: string;
}

export function refuse(kind: RefusalKind, text: string): { readonly refused: Refusal } {
  return { refused: { kind, text } };
}
