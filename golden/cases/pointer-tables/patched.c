#include "case.h"

static noinline void red(void)
{
    printk("red\n");
}

static noinline void green(void)
{
    printk("light green\n");
}

void (*const handlers[2])(void) = { red, green };
const char *const titles[2] = { "Red", "Green" };

void run(int n)
{
    printk("%s:\n", titles[n & 1]);
    handlers[n & 1]();
}
