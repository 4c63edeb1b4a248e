#include "case.h"
noinline int fits(int n)
{
    lock();
    return n + 1;
}
noinline int grows(int n)
{
    unlock();
    return fits(n);
}
noinline int handed_on(int n)
{
    lock();
    return n;
}
extern void start(int (*)(int));
int calls(int n)
{
    start(handed_on);
    return grows(n) + handed_on(n);
}
