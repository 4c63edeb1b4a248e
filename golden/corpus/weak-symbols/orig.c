/*
 * A function that was weak is an ordinary one now, and another the other way round: what they do is the same, so
 * nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: unchanged
 */
#include "corpus.h"

__attribute__((weak)) int override(int n)
{
    return first(n) + 4;
}

noinline int settled(int n)
{
    return second(n) + 5;
}

int serve(int n)
{
    return override(n) * first(n);
}
