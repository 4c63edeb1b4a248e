/*
 * An alternative is added to a function in front of another: its entry and its replacement move those of the
 * other, which has not changed.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int serve(int n)
{
    return second(n);
}

int last(int n)
{
    asm volatile(ALTERNATIVE("", "lfence", 4) : : : "memory");
    return first(n);
}
