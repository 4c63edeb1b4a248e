#include "case.h"
static int limit = 7;
int step(int n)
{
    printk("step %d\n", n);
    return n + limit;
}
int other(int n)
{
    lock();
    n = step(n) + 1;
    unlock();
    return n;
}
