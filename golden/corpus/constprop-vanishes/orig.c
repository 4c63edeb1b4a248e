/*
 * A caller gives another value than the rest, so the compiler no longer makes a clone for one constant: the function is
 * what the clone was, and has changed with all who call it.
 *
 * variants: gcc-O2 gcc-O2-cf gcc-O2-ldr
 * expect: changed total scale
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
    return scale(n, 1000) + scale(n + 1, 1000);
}
