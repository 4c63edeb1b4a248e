/** What a finished payload is and replaces, as documents have it: the report of a build, and the manifest beside it. */
import type { FinishedPayload } from '../index.js';

export interface PayloadFacts {
  /** Bytes. */
  readonly size: number;
  /** In hexadecimal, as the next two. */
  readonly build_id: string;
  readonly depends: string;
  readonly xen_depends: string;
}

export interface ReplacedSummary {
  readonly name: string;
  readonly old_size: number;
  readonly new_size: number;
}

export function payloadFacts(payload: FinishedPayload): PayloadFacts {
  const { bytes, buildId } = payload;
  const { depends, xenDepends } = payload.resolved.context.wishes;
  return {
    size: bytes.length,
    build_id: hex(buildId),
    depends: hex(depends),
    xen_depends: hex(xenDepends),
  };
}

export function replacedFunctions({ replaced }: FinishedPayload): ReplacedSummary[] {
  return replaced.map((r) => ({ name: r.name, old_size: r.oldSize, new_size: r.newSize }));
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
