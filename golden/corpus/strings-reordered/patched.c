#include "corpus.h"

void writes(int n)
{
    printk("writes %d\n", second(n));
    printk("all of it\n");
}

void reads(int n)
{
    printk("reads %d\n", first(n));
    printk("all of it\n");
}
