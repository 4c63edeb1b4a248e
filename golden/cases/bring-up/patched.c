/* Code that runs when a processor comes online, and what only that calls: carried, with a warning. */
#include "case.h"

static noinline void prepare(int n)
{
    printk("cpu %d\n", n);
}

void cpu_init(void)
{
    prepare(1);
}
