/*
 * A blank line moves all lines by one, and a number that printk tells beside them also grows by one: it is not a
 * line, nothing says so, and the function has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf-retp clang-O2 clang-Os-one-retp
 * expect: changed serve
 */
#include "corpus.h"

int serve(int n)
{
    printk("at most %d of %d\n", 40, n);
    if (n < 0)
        WARN();
    return first(n);
}

int last(int n)
{
    if (n < 0)
        WARN();
    return second(n);
}
