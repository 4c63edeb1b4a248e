#include "case.h"
static int counter;
static int calls;
static noinline void note(void)
{
    calls++;
}
int changed(int n)
{
    note();
    counter += n;
    printk("%d\n", counter);
    return 2;
}
