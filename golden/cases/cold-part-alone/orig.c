#include "case.h"

extern void complain(int n) cold;

int parse(int n)
{
    if (n < 0) {
        complain(1);
        return -22;
    }
    lock();
    unlock();
    return n;
}

void complain(int n)
{
    printk("%d\n", n);
}
