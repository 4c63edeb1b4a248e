/*
 * The code of an alternative stays, its entry goes: the same bytes are no longer replaced at boot, so the function
 * has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int serve(int n)
{
    asm volatile(ALTERNATIVE("clac", "stac", 5) : : : "memory");
    return second(n);
}

int last(int n)
{
    asm volatile(ALTERNATIVE("clac", "stac", 5) : : : "memory");
    return first(n);
}
