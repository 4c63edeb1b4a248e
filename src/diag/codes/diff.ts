/** XS2xx and XS3xx: correlating two objects and finding what changed. */
import type { CodeEntry } from '../codes.js';

export const DIFF_CODES = {} as const satisfies Record<string, CodeEntry>;
