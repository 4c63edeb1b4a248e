/**
 * Recognises a Xen source tree and says what state it is in: where its top is, which version, whether it has
 * a configuration and whether it was built.
 *
 *   TOP/Config.mk, TOP/config/     rules shared with the tools; the hypervisor's makefiles include them
 *   TOP/xen/Makefile               XEN_VERSION, XEN_SUBVERSION, XEN_EXTRAVERSION
 *   TOP/xen/.config                Kconfig's result
 *   TOP/xen/common/built_in.o      there once the tree was built
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import { errnoOf } from '../system-error.js';

/** A release of Xen. */
export interface XenVersion {
  /** 4 in 4.17.5. */
  readonly major: number;
  /** 17 in 4.17.5. */
  readonly minor: number;
  /** What follows: '.5' in 4.17.5, '-rc3'; '' if the makefile computes it. */
  readonly extra: string;
}

export interface XenTree {
  /** Absolute path of the top, symbolic links resolved. */
  readonly top: string;
  readonly version: XenVersion;
  readonly configured: boolean;
  readonly built: boolean;
  /** The user named xen/ itself, so a patch may have been made there. */
  readonly namedXenFolder: boolean;
}

/** Inspects `sourceDir`, the top of a Xen source or its xen/ folder. Reports XS801 and returns undefined. */
export async function inspectTree(sourceDir: string, report: Report): Promise<XenTree | undefined> {
  const refuse = (message: string, hint: string): undefined => {
    report(diagnostic('XS801', { message, at: { object: sourceDir }, hint }));
    return undefined;
  };
  let here: string;
  try {
    here = await realpath(sourceDir);
  } catch (error) {
    return refuse(
      `cannot open the source directory: ${errnoOf(error)}`,
      'give the top of a Xen source with -s',
    );
  }
  const version = await readVersion(join(here, 'xen', 'Makefile'));
  const versionHere = version ?? (await readVersion(join(here, 'Makefile')));
  if (versionHere === undefined) {
    return refuse(
      'no Xen source here: no xen/Makefile that defines XEN_VERSION',
      'give the directory that contains Config.mk and xen/',
    );
  }
  const top = version === undefined ? dirname(here) : here;
  const named = join(top, 'xen');
  if (version === undefined && (await realpath(named).catch(() => '')) !== here) {
    return refuse(
      'this folder with the hypervisor is not named xen',
      'its makefiles expect to lie in xen/ below Config.mk',
    );
  }
  if (!(await exists(join(top, 'Config.mk')))) {
    return refuse(
      `${top} has no Config.mk, which the hypervisor's makefiles include`,
      'give a complete Xen source',
    );
  }
  const configured = await exists(join(top, 'xen', '.config'));
  const built = configured && (await exists(join(top, 'xen', 'common', 'built_in.o')));
  return { top, version: versionHere, configured, built, namedXenFolder: version === undefined };
}

/** Since 4.17 the makefiles name files relative to xen/, in records and in what objects contain (__FILE__). */
export function hasRelativeRecords(version: XenVersion): boolean {
  return version.major * 1000 + version.minor >= 4017;
}

/** The version that a xen/Makefile defines; undefined if the file is not one. */
async function readVersion(makefile: string): Promise<XenVersion | undefined> {
  const text = await readFile(makefile, 'latin1').catch(() => '');
  const field = (name: string): string | undefined =>
    new RegExp(`^\\s*(?:export\\s+)?${name}\\s*[:?]?=[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim();
  const major = Number(field('XEN_VERSION') ?? NaN);
  const minor = Number(field('XEN_SUBVERSION') ?? NaN);
  if (!Number.isInteger(major) || !Number.isInteger(minor)) return undefined;
  return { major, minor, extra: (field('XEN_EXTRAVERSION') ?? '').replace(/\$[({][^)}]*[)}]/g, '') };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
