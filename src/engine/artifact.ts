/**
 * An artifact is what stands between two passes: plain readonly data (typed arrays, strings, numbers, bigints),
 * no classes and no functions, so that it can be posted to another thread, dumped and compared.
 */
export interface Artifact {
  readonly kind: string;
}
