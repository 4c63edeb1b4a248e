/*
 * A global function goes with its last call in the object: the caller has changed, and whoever called it elsewhere is
 * another object's affair. The old one stays where it is.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-retp clang-O2 clang-Os-one
 * expect: changed serve; removed helper
 */
#include "corpus.h"

int helper(int n);
noinline int helper(int n)
{
    return second(n) * 3;
}

int serve(int n)
{
    return helper(n) + first(n);
}

int serve_too(int n)
{
    return first(n) + 1;
}
