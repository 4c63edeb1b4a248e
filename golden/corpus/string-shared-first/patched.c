#include "corpus.h"

void reads(int n)
{
    printk("not possible\n");
}

void writes(int n)
{
    printk("not possible\n");
    printk("writes %d\n", second(n));
}
