/*
 * The outlined part of a function gets another number: neither it nor those that call it have changed.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-ldr gcc-O2-one
 * patched-after: objcopy --redefine-sym settle.part.0=settle.part.12 @
 * expect: unchanged
 */
#include "corpus.h"

/* The test is inlined into the callers, the rest is not. */
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
