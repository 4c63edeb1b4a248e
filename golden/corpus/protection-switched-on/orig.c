/*
 * The compiler is told to protect branches: every function that can be called from elsewhere begins with endbr64
 * and has changed, a static one that is only called directly has not.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * patched-flags: -fcf-protection=branch
 * expect: changed serve last
 */
#include "corpus.h"

static noinline int helper(int n)
{
    return first(n) * 3;
}

int serve(int n)
{
    return helper(n) + 4;
}

int last(int n)
{
    return helper(n) + 5;
}
