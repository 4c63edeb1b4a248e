/*
 * Two functions with a static variable of one name each change places in the source: both keep theirs, so nothing
 * has changed.
 *
 * variants: gcc-O2 gcc-Os-g gcc-O2-cf-ldr clang-O2 clang-Os-one
 * flags(gcc*): -fno-toplevel-reorder
 * expect: unchanged
 */
#include "corpus.h"

int reads(int n)
{
    static int calls;

    return first(n) + ++calls;
}

int writes(int n)
{
    static int calls;

    return second(n) + ++calls;
}
