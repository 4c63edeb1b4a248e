/*
 * A variable moves to the section of those that are seldom written: it is the same variable with the same value,
 * so nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: unchanged
 */
#include "corpus.h"

int limit = 4;

int serve(int n)
{
    return first(n) + limit;
}
