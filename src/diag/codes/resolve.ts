/** XS4xx and XS5xx: binding symbols, relocating, laying out and writing the payload. */
import type { CodeEntry } from '../codes.js';

export const RESOLVE_CODES = {} as const satisfies Record<string, CodeEntry>;
