/*
 * A condition is turned round, which the compiler writes as another branch or another operand of the same length:
 * the function has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf-retp clang-O2 clang-O3-ldr-retp
 * expect: changed serve
 */
#include "corpus.h"

int serve(int n)
{
    if (n < 100)
        return first(n);
    return second(n);
}

int last(int n)
{
    return n < 100 ? second(n) : first(n);
}
