/*
 * A constant table changes that other objects can read, because it is global: this object tells only that its own
 * functions have changed, and that the table comes along; who else reads it is asked of the image.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: changed serve; carried limits
 */
#include "corpus.h"

const int limits[] = { 1, 2, 3, 4, 6 };

int serve(int n)
{
    return first(n) + limits[n];
}
