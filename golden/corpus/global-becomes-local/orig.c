/*
 * A global function and a global variable become static: they are the same function and the same variable, so
 * nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: unchanged
 */
#include "corpus.h"

int limit = 4;

noinline int helper(int n)
{
    return first(n) + limit++;
}

int serve(int n)
{
    return helper(n) * limit;
}
