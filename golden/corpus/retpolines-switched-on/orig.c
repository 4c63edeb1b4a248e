/*
 * The compiler is told to use thunks: the functions with indirect calls have changed, all others have not.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * patched-flags(gcc*): -mindirect-branch=thunk-extern -mindirect-branch-register
 * patched-flags(clang*): -mretpoline -mretpoline-external-thunk
 * expect: changed serve
 */
#include "corpus.h"

int serve(int (*handler)(int), int n)
{
    return handler(n) + 4;
}

int last(int n)
{
    return first(n) + 5;
}
