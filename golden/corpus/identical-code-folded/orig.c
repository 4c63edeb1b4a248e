/*
 * A function becomes the same as another one, so the compiler makes a jump of it that leads there: the function
 * has changed, the other has not.
 *
 * variants: gcc-Os gcc-Os-one gcc-Os-cf gcc-Os-ldr
 * expect: changed downs
 */
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
    printk("%d\n", first(n) * second(n) * 5);
    unlock();
    return first(n);
}
