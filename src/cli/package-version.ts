/** The version of this tool, from its package.json. */
import { readFileSync } from 'node:fs';

export function packageVersion(): string {
  const document: unknown = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  if (typeof document !== 'object' || document === null || !('version' in document)) return 'unknown';
  return String(document.version);
}
