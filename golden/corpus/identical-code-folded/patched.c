#include "corpus.h"

int ups(int n)
{
    lock();
    printk("%d\n", first(n) * second(n) * 4);
    unlock();
    return first(n);
}

int downs(int n)
{
    lock();
    printk("%d\n", first(n) * second(n) * 4);
    unlock();
    return first(n);
}
