/*
 * Only the number of the feature changes on which an alternative depends (a field of .altinstructions): the
 * function that the entry describes has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int early(int n)
{
    asm volatile(ALTERNATIVE("", "lfence", 4) : : : "memory");
    return first(n);
}

int serve(int n)
{
    asm volatile(ALTERNATIVE("", "lfence", 4) : : : "memory");
    return second(n);
}
