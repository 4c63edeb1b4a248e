/* source: base-as-it-runs flags: -fjump-tables */
#include "case.h"

static const int weights[] = { 1, 2, 5, 8 };

int code(int n)
{
    return n > 101 ? n : 1;
}

void text(void)
{
    printk("three\n");
}

u64 target(void)
{
    unlock();
    return now() + 1;
}

int table(int n)
{
    return weights[n & 1];
}

int jumps(int n)
{
    switch (n) {
    case 0: lock(); return 9;
    case 1: unlock(); return 3;
    case 2: now(); return 7;
    case 3: lock(); lock(); return 6;
    case 4: unlock(); unlock(); return 5;
    default: return 1;
    }
}

noinline int callee(int n)
{
    return n * 7 + 1;
}

int caller(int n)
{
    return callee(n) + 2;
}
