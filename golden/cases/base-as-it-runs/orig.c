/* flags: -fjump-tables */
#include "case.h"
/* What runs. The case base-differs-refused takes this image for that of another source, function by function. */

static const int weights[] = { 1, 2, 4, 8 };

int code(int n)
{
    return n > 100 ? n : 0;
}

void text(void)
{
    printk("one\n");
}

u64 target(void)
{
    lock();
    return now();
}

int table(int n)
{
    return weights[n & 3];
}

int jumps(int n)
{
    switch (n) {
    case 0: lock(); return 9;
    case 1: unlock(); return 8;
    case 2: now(); return 7;
    case 3: lock(); lock(); return 6;
    case 4: unlock(); unlock(); return 5;
    default: return 0;
    }
}

noinline int callee(int n)
{
    return n * 7;
}

int caller(int n)
{
    return callee(n) + 1;
}
