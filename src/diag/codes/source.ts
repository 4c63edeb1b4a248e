/** XS8xx and XS9xx: source, build, machine and usage. */
import type { CodeEntry } from '../codes.js';

export const SOURCE_CODES = {} as const satisfies Record<string, CodeEntry>;
