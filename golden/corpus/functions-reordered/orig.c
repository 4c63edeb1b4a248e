/*
 * Functions change places in one section, so that every distance between them is another one: they do what they
 * did, and nothing has changed.
 *
 * variants: gcc-O2-one gcc-O3-one gcc-O2 clang-Os clang-O3-one-cf
 * flags(gcc*): -fno-toplevel-reorder
 * expect: unchanged
 */
#include "corpus.h"

static noinline int helper(int n)
{
    return first(n) + 4;
}

noinline int early(int n)
{
    return helper(n) * 2;
}

int serve(int n)
{
    return early(n) + helper(n);
}
