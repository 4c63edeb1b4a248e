/*
 * Hooks of a live patch. A source patch that includes <xen/xsplice-hooks.h> finds this file: xsplice-build puts it
 * into its copy of the tree when the tree has none of that name.
 *
 *   LOAD, UNLOAD           void f(void)                    any number, in order; processors are halted, no sleeping
 *   PREAPPLY, PREREVERT    int f(struct payload *)         one; before the processors come together; not 0 vetoes
 *   APPLY, REVERT          int f(struct payload *)         one; in place of what the hypervisor does itself
 *   POSTAPPLY, POSTREVERT  void f(struct payload *)        one; afterwards
 *
 * All but the first two need Xen 4.14 or later. A payload of hooks alone, that replaces no function, is allowed.
 * Source of the contract: docs/misc/livepatch.pandoc in the tree of the hypervisor.
 */
#ifndef XSPLICE_HOOKS_H
#define XSPLICE_HOOKS_H

struct payload;

#define XSPLICE_HOOK_POINTER(kind, type, fn)                                 \
    static type (*const xsplice_ ## kind ## _ ## fn)                         \
    XSPLICE_HOOK_ARGUMENTS_ ## kind                                          \
    __attribute__((__used__, __section__(".livepatch.hooks." #kind))) = fn

#define XSPLICE_HOOK_ARGUMENTS_load       (void)
#define XSPLICE_HOOK_ARGUMENTS_unload     (void)
#define XSPLICE_HOOK_ARGUMENTS_preapply   (struct payload *)
#define XSPLICE_HOOK_ARGUMENTS_apply      (struct payload *)
#define XSPLICE_HOOK_ARGUMENTS_postapply  (struct payload *)
#define XSPLICE_HOOK_ARGUMENTS_prerevert  (struct payload *)
#define XSPLICE_HOOK_ARGUMENTS_revert     (struct payload *)
#define XSPLICE_HOOK_ARGUMENTS_postrevert (struct payload *)

#define XSPLICE_LOAD_HOOK(fn)       XSPLICE_HOOK_POINTER(load, void, fn)
#define XSPLICE_UNLOAD_HOOK(fn)     XSPLICE_HOOK_POINTER(unload, void, fn)
#define XSPLICE_PREAPPLY_HOOK(fn)   XSPLICE_HOOK_POINTER(preapply, int, fn)
#define XSPLICE_APPLY_HOOK(fn)      XSPLICE_HOOK_POINTER(apply, int, fn)
#define XSPLICE_POSTAPPLY_HOOK(fn)  XSPLICE_HOOK_POINTER(postapply, void, fn)
#define XSPLICE_PREREVERT_HOOK(fn)  XSPLICE_HOOK_POINTER(prerevert, int, fn)
#define XSPLICE_REVERT_HOOK(fn)     XSPLICE_HOOK_POINTER(revert, int, fn)
#define XSPLICE_POSTREVERT_HOOK(fn) XSPLICE_HOOK_POINTER(postrevert, void, fn)

#endif
