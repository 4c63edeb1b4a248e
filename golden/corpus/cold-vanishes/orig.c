/*
 * A check whose failure is improbable is dropped, and with it the cold part of the function, which has changed;
 * nothing else was removed.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-ldr clang-O2 clang-O2-cf
 * flags(clang*): -mllvm -hot-cold-split -mllvm -hotcoldsplit-threshold=-10
 * expect: changed parse
 */
#include "corpus.h"

int parse(int n)
{
    if (unlikely(n < 0)) {
        complain("%d is less than %d\n", n, 0);
        complain("and so is nothing of use\n");
        return -22;
    }
    return first(n) + 1;
}

int other(int n)
{
    return second(n);
}
