#include "case.h"

extern void slow_path(void);

void changed(int x)
{
    asm volatile(ALTERNATIVE("", "call slow_path", 44) : : : "memory");
    printk("x is %d\n", x);
    asm volatile(ALTERNATIVE("nop", "clac", 276) : : : "memory");
}

void untouched(void)
{
    asm volatile(ALTERNATIVE("nop", "stac", 276) : : : "memory");
    printk("untouched\n");
}

void slow_path(void)
{
    printk("slow\n");
}
