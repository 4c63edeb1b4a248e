/** XS8xx and XS9xx: source, build, machine and usage. */
import type { CodeEntry } from '../codes.js';

export const SOURCE_CODES = {
  XS801: {
    severity: 'error',
    title: 'not a Xen source tree',
    text: 'The source directory must be the top of a Xen source (with Config.mk and xen/ inside) or the xen/ folder of one, and xen/Makefile must define XEN_VERSION and XEN_SUBVERSION. A folder of an out-of-tree build (make O=…) holds no sources: give the source and, with -c, the .config of that build.',
  },
  XS802: {
    severity: 'error',
    title: 'source or scratch space cannot be read or written',
    text: 'The operating system refused to read a file of the source tree, or to write to the scratch or cache directory: missing permission, or the disk is full. A scratch copy takes about 60 MB, a cached build as much again; both lie under the cache directory. The source tree itself is only read.',
  },
  XS803: {
    severity: 'error',
    title: 'patch cannot be read',
    text: 'The patch file does not exist, may not be read, or is a directory. Check the path given with -p; it is relative to where the command is run, not to the source tree.',
  },
  XS804: {
    severity: 'error',
    title: 'not a unified diff, or a damaged one',
    text: 'The file holds no change in unified format, or a hunk has more or fewer lines than its @@ line says. Patches that were pasted into mail or edited by hand are damaged in this way. Make the patch again with `git diff`, `git format-patch` or `diff -urN`; context diffs (*** and ---) are not accepted.',
  },
  XS805: {
    severity: 'error',
    title: 'patch holds a change that cannot be applied',
    text: 'Binary changes, symbolic links and submodules are not applied: nothing that a hypervisor is compiled from needs them. A hunk that only inserts and has no line of context cannot be checked against the file, and is refused too (`diff -U3` gives context).',
  },
  XS806: {
    severity: 'error',
    title: 'patch names a path outside the source tree',
    text: 'A path of the patch is absolute, contains `..`, or leads through a symbolic link. Applying it could change files elsewhere, so the whole patch is refused. Paths are expected as `git diff` writes them: a/xen/common/file.c and b/xen/common/file.c.',
  },
  XS807: {
    severity: 'error',
    title: 'patch does not fit the files of the tree',
    text: 'The patch changes, deletes or renames a file that the tree does not have, or creates one that is there already. Either the patch is for another version of Xen, or its paths do not start at the top of the source (one leading component, a/ and b/, is removed), or it was applied before.',
  },
  XS808: {
    severity: 'error',
    title: 'hunk does not match the file',
    text: 'The lines that the hunk expects are not at the place that it names. No fuzz and no offset are allowed: a hunk that slides to another place of the file can patch the wrong function and still compile, and then the hypervisor runs code that nobody reviewed. Rebase the patch on exactly the source that the running hypervisor was built from (`git rebase`, `quilt refresh`).',
  },
  XS809: {
    severity: 'note',
    title: 'patch changes files that the hypervisor is not built from',
    text: 'Tools, documentation and the like are not part of the hypervisor, so these changes have no effect on the payload. They are checked to apply, and otherwise left alone. If the fix needs them, install them on the host in the usual way.',
  },
  XS810: {
    severity: 'error',
    title: 'a program that the build needs is missing',
    text: 'Xen is built by its own makefiles, which call make, the compiler, the linker, and, the first time, flex, bison and Python. The message names those that are not on PATH, and a command that installs them.',
  },
  XS811: {
    severity: 'error',
    title: 'the original source does not build',
    text: 'The tree failed to build before the patch was applied, so the patch is not the cause: a compiler that is newer than this Xen knows, a missing program, a configuration of another version, or local edits. Build the tree by hand (`make -C xen`) until that works, with the compiler that built the running hypervisor.',
  },
  XS812: {
    severity: 'error',
    title: 'the patched source does not build',
    text: 'The original source built, and the source with the patches applied did not: the patch is the cause. It may need another patch before it, or a function that this version of Xen does not have. The message shows the first errors of the compiler and where the whole log is.',
  },
  XS813: {
    severity: 'error',
    title: 'configuration cannot be used',
    text: 'The file given with -c cannot be read, or the configuration tool of the tree (make olddefconfig, make defconfig) refused it. Give the .config that the running hypervisor was built with; distributions install it beside the hypervisor, as /boot/xen-VERSION.config.',
  },
  XS814: {
    severity: 'note',
    title: 'the default configuration is used',
    text: 'The source tree has no xen/.config and none was given, so the tree made its default configuration. The objects match the running hypervisor only if that was built with the same one. Give the configuration with -c to be sure.',
  },
  XS815: {
    severity: 'warning',
    title: 'the configuration has no live patching',
    text: 'CONFIG_LIVEPATCH is not set in the configuration. A hypervisor that was built with it cannot load payloads, so this is probably not the configuration of the running one. Give that with -c.',
  },
  XS816: {
    severity: 'warning',
    title: 'objects of the tree come from several compilers',
    text: 'Objects name the compiler that made them in .comment, and not all of this tree name the same. The files that the patch touches are compiled here, original and patched, with the present compiler; the running hypervisor may have been built with another one, and then code of the two does not correspond. Use the compiler that built the running hypervisor, and build the tree afresh.',
  },
  XS817: {
    severity: 'note',
    title: 'objects in the tree were not up to date',
    text: 'Many objects had to be compiled before the patch was applied, because the source was built long ago, in part, or with other make variables than are given now. That is done in the scratch copy, in every run. Run make in the tree, or give the variables that it was built with.',
  },
  XS818: {
    severity: 'warning',
    title: 'a patched source file is not compiled',
    text: 'The patch changes a .c or .S file that this configuration does not compile into the hypervisor, so that this part of the patch has no effect on the payload. If the running hypervisor contains the file, the configuration is not that of the running hypervisor.',
  },
  XS819: {
    severity: 'error',
    title: 'interrupted',
    text: 'The run was stopped (Ctrl-C or a signal). The compilers were ended and the scratch copy was removed; nothing else was written.',
  },
  XS850: {
    severity: 'error',
    title: 'compiling single files is not enough',
    text: "With --build=replay, only what the patch reaches is compiled, by the commands that the tree recorded when it was built. That does for changes of .c, .S and .h files that the compiler reads. The patch, or an edit of the tree since its last build, touches something that decides about other files as well (a makefile, the configuration, a generator, a public header), or the records do not tell what follows from it, and then only the tree's own makefiles can say what has to be built. Use --build=auto, which lets make do it in such a case, or --build=make.",
  },
  XS851: {
    severity: 'error',
    title: 'single compilation and make give different objects',
    text: 'With --verify-build, the objects that the patch reaches are made in two ways: by the recorded commands one by one, and by the makefiles of the tree in a copy of it. The results must be the same bytes, and are not. Most often the tree was built with other make variables than make is given now (CONFIG_DEBUG_INFO=y, say), so that make compiles everything anew; otherwise the records of the tree are not those of its objects, or this tool understood them wrongly. Nothing is written. Build with --build=make, which takes longer and relies on nothing but the makefiles.',
  },
  XS852: {
    severity: 'note',
    title: 'the two ways of building were not compared',
    text: 'With --verify-build, objects are made by single compilations and by make, and compared. Here single compilations are not enough, for the reason that is given, and make builds alone. Its objects are right; there is just nothing to compare them with.',
  },
  XS853: {
    severity: 'error',
    title: 'tree was not built',
    text: 'check-base compares the objects of a built tree with the image of the running hypervisor; it builds nothing. Build the tree first, with the .config and the compiler of the running hypervisor, or give a directory of objects with --objects.',
  },
} as const satisfies Record<string, CodeEntry>;
