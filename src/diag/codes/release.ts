/** XS42x, XS83x and XS84x: stacks of payloads, series of patches, and building the same payload again. */
import type { CodeEntry } from '../codes.js';

export const RELEASE_CODES = {
  XS420: {
    severity: 'error',
    title: 'payload below is for another hypervisor',
    text: 'The note .livepatch.xen_depends of a payload given with --on-top-of names another build-id than that of the hypervisor, so the loader would refuse to upload it (EINVAL), and nothing can go on top of it. Give the payload that was built for this xen-syms, or the xen-syms that it was built for.',
  },
  XS421: {
    severity: 'error',
    title: 'payloads cannot be applied in this order',
    text: 'Each payload names in .livepatch.depends the build-id of what must lie directly below it: the hypervisor, or the payload that was applied before. The payloads given with --on-top-of are to be the whole stack, oldest first; here one depends on something that is not there or not where it must be, or is given twice. The notes say what each depends on. A payload that took the place of others (xen-livepatch replace) depends on the hypervisor and is then the only one of the stack.',
  },
  XS422: {
    severity: 'warning',
    title: 'replacing payload leaves out what another one fixed',
    text: 'A payload for xen-livepatch replace takes the place of all that are applied. A function that one of them replaces and this one does not goes back to the code of the bare hypervisor, and a fix in it is lost. That is right when the fix was withdrawn; otherwise build from all patches at once: --cumulative with every -p, in order.',
  },
  XS423: {
    severity: 'warning',
    title: 'applied patches are not those of the payloads below',
    text: 'The manifest beside a payload given with --on-top-of lists the patches it was made from, with their hashes. The patches given with --applied are not the same, or not in the same order, so the original side of the comparison may not be what the hypervisor runs with those payloads. Give exactly those patches, oldest first.',
  },
  XS830: {
    severity: 'error',
    title: 'series file cannot be used',
    text: "The file given with --series is read as quilt's series: one patch a line, named relative to the folder of the file, comments behind #, and perhaps -pN, the number of leading components that names of files lose. Other options, -R among them, are refused: what is applied should be readable in the patches.",
  },
  XS831: {
    severity: 'error',
    title: 'range of commits gives no patches',
    text: 'The commits of --git-range A..B are read with git format-patch in the repository that holds the source tree. git is not installed, the tree is in no repository, a commit is unknown, or the range is empty; the notes quote git. Only changes below the source tree count; merges make no patch.',
  },
  XS832: {
    severity: 'note',
    title: 'xen-syms of the source tree is used',
    text: 'No --xen-syms was given, so the image that a build of the tree left in xen/xen-syms is taken for the running hypervisor, as livepatch-build does. That is right only when exactly this build was installed; compare its build-id (`readelf -n`) with what the host says (`xl info`). Give --xen-syms to be sure.',
  },
  XS833: {
    severity: 'note',
    title: 'option of livepatch-build has no effect here',
    text: 'The option is accepted so that a command line of livepatch-build works unchanged; the message says what happens instead. docs/coming-from-livepatch-build.md has all options and differences.',
  },
  XS840: {
    severity: 'error',
    title: 'manifest cannot be used',
    text: 'The file is no manifest of xsplice-build (schema xsplice-build/manifest/1), is damaged, or cannot be read. Manifests are written beside payloads, as NAME.manifest.json, and name their inputs relative to the folder they lie in: move a manifest together with its inputs, or name what lies elsewhere with -s, --xen-syms and the like.',
  },
  XS841: {
    severity: 'error',
    title: 'input is not the one that the payload was made from',
    text: 'A file that the manifest lists is missing or has another hash. The build that the manifest describes cannot be repeated with it, so nothing is built. The notes name what differs; fetch the same version of it, or accept the new state by building (not reproducing) again.',
  },
  XS842: {
    severity: 'warning',
    title: 'other tools than those that made the payload',
    text: 'The compiler, or xsplice-build itself, is of another version than the manifest names. The build goes on, because other versions often give the same bytes; when they do not, this is the first thing to look at.',
  },
  XS843: {
    severity: 'error',
    title: 'payload cannot be reproduced',
    text: 'All inputs have the hashes of the manifest, and the payload made from them has other bytes than the one that the manifest describes. With other versions of the compiler or of xsplice-build that is no surprise; otherwise it is a bug of xsplice-build, or the payload was not made as its manifest says: please report it.',
  },
} as const satisfies Record<string, CodeEntry>;
