/**
 * How the objects behind a payload were made, for readers (with -v) and for programs. What depends on the state of the
 * cache is told to readers only: the same input must give the same document.
 */
import type { SourceResult } from '../index.js';

/** A result that may come from source. */
export interface FromSource {
  readonly source?: Pick<SourceResult, 'build' | 'compiledOriginal' | 'compiledPatched'>;
}

export interface SourceDocument {
  readonly build: 'replay' | 'make';
  /** Why make had to do it, unless it was asked for. */
  readonly because: { readonly kind: string; readonly text: string } | null;
  /** Source files that the patch reaches, as far as `build` tells. */
  readonly reached: number | null;
  /** Of --verify-build: objects that both ways made alike. */
  readonly verified: number | null;
}

/** null for a build from objects. */
export function sourceDocument({ source }: FromSource): SourceDocument | null {
  if (source === undefined) return null;
  const { how, because, reached, verified } = source.build;
  return {
    build: how,
    because: because ?? null,
    reached: how === 'replay' ? reached : null,
    verified: verified?.equal ?? null,
  };
}

/** A few lines, or nothing for a build from objects. */
export function renderSource({ source }: FromSource): string {
  if (source === undefined) return '';
  const { build, compiledOriginal, compiledPatched } = source;
  const compiled = `${compiledOriginal} original and ${compiledPatched} patched objects compiled`;
  if (build.how === 'make') {
    const why = build.because === undefined ? '' : `: ${build.because.text}`;
    return `built by make${why}\n  ${compiled}\n`;
  }
  const lines = [
    'built by single compilations',
    `  the patch reaches ${build.reached} source files; ${compiled}, ${build.cached} taken from the cache, ${build.asRecorded} originals as they were`,
  ];
  if (build.verified !== undefined) {
    const { equal, leftOut } = build.verified;
    const except = leftOut.length === 0 ? '' : ` (left out, for the date in them: ${leftOut.join(', ')})`;
    lines.push(`  make gives the same bytes: ${equal} changed objects compared${except}`);
  }
  return `${lines.join('\n')}\n`;
}
