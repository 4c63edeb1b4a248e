#include "case.h"
noinline int fits(int n)
{
    lock();
    return n + 2;
}
noinline int grows(int n)
{
    unlock();
    printk("%d\n", n);
    return fits(n) + 1;
}
noinline int handed_on(int n)
{
    lock();
    printk("%d\n", n);
    return n;
}
extern void start(int (*)(int));
int calls(int n)
{
    start(handed_on);
    return grows(n) + handed_on(n);
}
