/*
 * One side was compiled with -g: debug sections say nothing about what the code does, so nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf clang-O2 clang-Os-one
 * patched-flags: -g
 * expect: unchanged
 */
#include "corpus.h"

static int turns;

int serve(int n)
{
    printk("turn %d\n", turns++);
    if (n < 0)
        WARN();
    return first(n);
}
