/*
 * Two functions exchange what they do, but not their names: both have changed, for it is by its name that a
 * function is called.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed reads writes
 */
#include "corpus.h"

noinline int reads(int n)
{
    return first(n) + 4;
}

noinline int writes(int n)
{
    return second(n) * 3;
}

int serve(int n)
{
    return reads(n) + writes(n);
}
