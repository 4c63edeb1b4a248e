/*
 * One side has section symbols only where relocations name them, as today's assemblers write them, the other one
 * for every section: nothing has changed.
 *
 * variants: gcc-O2 gcc-Os gcc-O3-one-cf clang-O2 clang-Os-one
 * patched-after: objcopy @
 * expect: unchanged
 */
#include "corpus.h"

static int limit = 4;

static noinline int helper(int n)
{
    return first(n) + limit++;
}

int serve(int n)
{
    printk("serve %d\n", n);
    return helper(n);
}
