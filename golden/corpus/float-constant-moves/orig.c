/*
 * A floating-point constant is added to the pool in front of others (.LC1 becomes .LC2): functions whose constant
 * only moved have not changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-O2-ldr
 * flags: -msse2 -mfpmath=sse
 * expect: changed half
 */
#include "corpus.h"

double half(double x)
{
    return x;
}

double tenth(double x)
{
    return x * 0.1;
}

float third(float x)
{
    return x / 3.7f;
}
