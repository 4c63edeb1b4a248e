/*
 * All callers now give one constant, so the compiler makes a clone for it: the clone is new, the function is gone,
 * and who called the one calls the other.
 *
 * variants: gcc-O2 gcc-O2-cf gcc-O2-ldr
 * expect: changed total; new scale.constprop; removed scale
 */
#include "corpus.h"

static noinline int scale(int n, int by)
{
    int result = 0;

    while (n-- > 0)
        result += first(n * by);
    return result;
}

int total(int n)
{
    return scale(n, 1000) + scale(n + 1, n);
}
