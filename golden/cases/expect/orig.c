#include "case.h"
/* The records say how the old functions begin, up to what booting changes: 31 bytes at most, and none of `first`. */

void whole(int n)
{
    printk("a function of more than thirty-one bytes: %d %d\n", n, n * 3);
    printk("and more: %d\n", n * 5);
}

void some(int n)
{
    printk("up to the alternative: %d\n", n);
    asm volatile(ALTERNATIVE("nop", "clac", 276) : : : "memory");
    printk("behind it: %d\n", n);
}

void first(void)
{
    asm volatile(ALTERNATIVE("nop", "stac", 276) : : : "memory");
    printk("behind it\n");
}

int small(int n)
{
    return n * 4 + 10;
}
