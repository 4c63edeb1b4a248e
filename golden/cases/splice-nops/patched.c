#include "case.h"
int count;
int counts(int n)
{
    lock();
    asm volatile(".nops 7" : : : "memory");
    unlock();
    return n;
}
