/** The inputs that a manifest names, one by one, for reports. */
import type { InputRow } from '../report/html/subject.js';
import type { FileRecord, Manifest } from './manifest.js';

export function inputRows({ inputs, passes, payload }: Manifest): InputRow[] {
  const { image, below, scenarios, source, objects } = inputs;
  const row =
    (what: string) =>
    ({ path, sha256 }: FileRecord): InputRow => ({ what, path, sha256 });
  const some = (what: string, records: readonly (FileRecord | null)[]): InputRow[] =>
    records.flatMap((record) => (record === null ? [] : [row(what)(record)]));
  return [
    row('the payload itself')(payload),
    row('xen-syms')(image),
    ...some('payload below', below),
    ...some('scenario', scenarios),
    ...some('patch', source?.patches ?? []),
    ...some('patch of a payload below', source?.applied ?? []),
    ...some('configuration', [source?.config ?? null]),
    ...some('pass', passes?.files ?? []),
    ...some(
      'object before',
      (objects ?? []).map(({ orig }) => orig),
    ),
    ...some(
      'object after',
      (objects ?? []).map(({ patched }) => patched),
    ),
    ...Object.entries(source?.files ?? {}).map(([path, sha256]) => ({ what: 'source file', path, sha256 })),
  ];
}
