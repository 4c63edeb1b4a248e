#include "corpus.h"

static void settle(int n)
{
    if (n < 4)
        return;
    lock();
    printk("settle %d of %d\n", first(n), second(n));
    while (first(n))
        printk("still %d, %d\n", second(n), first(n + 2));
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
