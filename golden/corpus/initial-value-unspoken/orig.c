/*
 * A variable that is zero gets its zero as an initial value, and moves to .data because it must stand beside
 * others there: it is the same variable with the same value, so nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: unchanged
 */
#include "corpus.h"

int limit;

int serve(int n)
{
    return first(n) + limit;
}
