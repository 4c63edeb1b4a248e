/* source: splice-callers */
#include "case.h"
noinline int reply(int n)
{
    lock();
    printk("reply %d\n", n);
    unlock();
    return n * 5;
}
int (*const table[2])(int) = { reply, 0 };
int (*variable)(int) = reply;
int twice(int n)
{
    n = reply(n) + 1;
    return reply(n) + 2;
}
int last(int n)
{
    return reply(n + 5);
}
int through(int n)
{
    return table[n & 1](n) + variable(n);
}
