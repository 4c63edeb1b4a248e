#include "case.h"
int count;
int counts(int n)
{
    lock();
    asm volatile("addl $1, count(%%rip)" : : : "memory");
    unlock();
    return n;
}
