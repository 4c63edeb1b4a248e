/*
 * A function that tells its name comes before others that do, so their name strings (__func__) are numbered anew:
 * they are constants, and the others have not changed.
 *
 * variants: gcc-O2 gcc-Os-g gcc-O2-ldr-retp clang-O2 clang-Os-one-retp
 * expect: new extra
 */
#include "corpus.h"

void reads(int n)
{
    printk("%s: %d\n", __func__, first(n));
}

void writes(int n)
{
    printk("%s: %d\n", __func__, second(n));
}
