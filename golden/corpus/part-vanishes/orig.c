/*
 * A function shrinks, so that all of it is inlined and its part goes: those into which it was inlined have changed, and
 * nothing is left that would call the part.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-g gcc-O2-one-retp
 * expect: changed settle_all settle_one; removed settle.part
 */
#include "corpus.h"

static void settle(int n)
{
    if (n < 4)
        return;
    lock();
    printk("settle %d of %d\n", first(n), second(n));
    while (first(n))
        printk("still %d, %d\n", second(n), first(n + 1));
    printk("settled %d of %d\n", first(n), second(n));
    unlock();
}

void settle_all(const int *n)
{
    settle(n[0]);
    settle(n[1]);
    settle(n[2]);
}

int settle_one(int n)
{
    settle(n);
    return second(n);
}
