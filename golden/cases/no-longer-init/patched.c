#include "case.h"
/* A helper loses its __init: the old one is gone, so the payload brings it. */
static noinline int parse(int n)
{
    lock();
    return n * 2;
}

int section(".init.text") boot(int n);
int section(".init.text") boot(int n)
{
    return parse(n) * 3;
}

int running(int n)
{
    unlock();
    return parse(n) + 1;
}
