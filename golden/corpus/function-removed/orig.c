/*
 * A static function and its only call go: the caller has changed, the function is removed, and nothing that ran at
 * boot is concerned.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-retp clang-O2 clang-Os-one-retp
 * expect: changed serve; removed helper
 */
#include "corpus.h"

static noinline int helper(int n)
{
    return first(n) + 4;
}

int serve(int n)
{
    return helper(n) * 2;
}

int last(int n)
{
    return first(n);
}
