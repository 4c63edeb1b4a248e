/*
 * The branch that uses a static variable becomes improbable, so that only the cold part refers to it: it is the
 * same variable, not a new one.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-one-ldr clang-O2 clang-O2-one
 * flags(clang*): -mllvm -hot-cold-split -mllvm -hotcoldsplit-threshold=-10
 * expect: changed parse
 */
#include "corpus.h"

int parse(int n)
{
    static int refused;

    if (n < 0) {
        refused++;
        printk("%d is less than %d, number %d\n", n, 0, refused);
        printk("and so is nothing of use\n");
        return -22;
    }
    return first(n) + 1;
}

int other(int n)
{
    static int refused;

    return second(n) + ++refused;
}
