/*
 * The files of a combined object come in another order, which moves all of their sections and symbols: locals
 * belong to their file, so nothing has changed.
 *
 * variants: gcc-O2 gcc-Os gcc-O3-one clang-O2 clang-Os-cf
 * patched-order: both-b patched
 * expect: unchanged
 */
#include "corpus.h"

static int seen = 4;

static noinline int helper(int n)
{
    printk("helper of %s\n", __FILE__);
    return first(n) + seen++;
}

int serve(int n)
{
    return helper(n) * 2;
}
