#include "case.h"

static noinline void show(int n)
{
    printk("%d domains, fixed\n", n);
}

void untouched(int n)
{
    printk("%d domains\n", n);
    show(n);
}
