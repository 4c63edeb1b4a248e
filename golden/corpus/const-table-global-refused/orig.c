/*
 * A constant table changes that other objects can read, because it is global: who reads it there is not known
 * here, so it is refused by name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: refused XS301 limits
 */
#include "corpus.h"

const int limits[] = { 1, 2, 3, 4, 6 };

int serve(int n)
{
    return first(n) + limits[n];
}
