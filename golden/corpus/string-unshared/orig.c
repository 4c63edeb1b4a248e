/*
 * A function stops to say what another one says too: the string goes where its other user is, and that has not
 * changed.
 *
 * variants: gcc-O2 gcc-Os-cf gcc-O3-g clang-O2 clang-Os
 * expect: changed reads
 */
#include "corpus.h"

void reads(int n)
{
    printk("not possible\n");
}

void writes(int n)
{
    printk("not possible\n");
    printk("writes %d\n", second(n));
}
