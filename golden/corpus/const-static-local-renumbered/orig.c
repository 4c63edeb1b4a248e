/*
 * A function with a constant table of its own comes behind another that has one of that name (weights.0,
 * weights.1): the tables are constants, so only what is added is new, and the other has not changed.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-ldr clang-O2 clang-Os-one
 * expect: new extra
 */
#include "corpus.h"

int serve(int n)
{
    static const int weights[] = { 3, 1, 4, 1, 5, 9 };

    return first(n) + weights[n];
}
