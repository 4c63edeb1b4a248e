/** Whether Debian's Xen, of exactly the release that payloads are tried on, is kept already or can be had from apt. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { XEN_VERSION } from '../qemu/debian.js';
import { findProgram } from '../source/index.js';
import type { Finding } from './examine.js';

const PACKAGE = 'xen-hypervisor-4.17-amd64';
const PATIENCE = 20_000;

export async function debianFinding(cache: string): Promise<Finding> {
  const common = {
    work: 'qemu',
    name: 'Debian packages',
    why: 'are the hypervisor that payloads are tried on',
  } as const;
  const kept = await stat(join(cache, `debian-xen-${XEN_VERSION}`)).catch(() => undefined);
  if (kept?.isDirectory() === true)
    return { ...common, state: 'ok', detail: `Xen ${XEN_VERSION}, kept in the cache`, mend: null };
  const aptCache = findProgram('apt-cache');
  if (aptCache === undefined)
    return {
      ...common,
      state: 'missing',
      detail: 'there is no apt here',
      mend: 'use Debian 12, or a container of it',
    };
  const offered = await promisify(execFile)(aptCache, ['madison', PACKAGE], { timeout: PATIENCE }).then(
    ({ stdout }) => stdout.split('\n').flatMap((line) => line.split('|')[1]?.trim() ?? []),
    (): string[] => [],
  );
  if (offered.includes(XEN_VERSION))
    return { ...common, state: 'ok', detail: `Xen ${XEN_VERSION}, offered by apt`, mend: null };
  const [other] = offered;
  return {
    ...common,
    state: 'missing',
    detail:
      other === undefined
        ? `apt knows no ${PACKAGE}`
        : `apt offers Xen ${other}, and ${XEN_VERSION} is needed`,
    mend: 'apt-get update, on Debian 12 with its main archive',
  };
}
