/*
 * Only the cold part of a function changes, its hot part is the same byte for byte: they are one, so the function
 * has changed.
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
    if (unlikely(n < 0)) {
        complain("%d is less than %d as well\n", n, 0);
        return -22;
    }
    return second(n);
}
