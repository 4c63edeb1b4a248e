/*
 * A floating-point constant in a mergeable pool changes, the code that loads it does not: the function that loads
 * it has changed, its neighbour has not.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-nopic
 * flags: -msse2 -mfpmath=sse
 * expect: changed tenth
 */
#include "corpus.h"

double half(double x)
{
    return x * 0.5;
}

double tenth(double x)
{
    return x * 0.1;
}
