/*
 * A function gets a section of its own (.text.hot, .text.unlikely by an attribute): it does the same there, so
 * nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: unchanged
 */
#include "corpus.h"

noinline int helper(int n)
{
    return first(n) + 4;
}

int serve(int n)
{
    return helper(n) * 2;
}
