/*
 * Only the instructions change that replace others when the processor has a feature (.altinstr_replacement): they
 * belong to the function that they are written into, and that has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-retp clang-O2 clang-Os-one-retp
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

int last(int n)
{
    asm volatile(ALTERNATIVE("clac", "stac", 5) : : : "memory");
    return first(n) + 4;
}
