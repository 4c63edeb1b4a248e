/*
 * A function changes and hooks for three occasions come with it: the function has changed, the hooks and their
 * pointers are new.
 *
 * variants: gcc-O2 gcc-O3-g-retp gcc-O2-ldr clang-O2 clang-Os-one-retp
 * expect: changed serve; new raise_limit lower_limit hook_load hook_unload hook_preapply
 */
#include "corpus.h"

int limit = 4;

int serve(int n)
{
    return n < limit;
}
