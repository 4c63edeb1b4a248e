/*
 * Only the function changes that the replacement of an alternative calls: the function that it is written into has
 * changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int early(int n)
{
    asm volatile(ALTERNATIVE("call lock", "call unlock", 4) : : : "memory");
    return first(n);
}

int serve(int n)
{
    asm volatile(ALTERNATIVE("call lock", "call unlock", 4) : : : "memory");
    return second(n);
}
