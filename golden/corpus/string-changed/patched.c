#include "corpus.h"

void reads(int n)
{
    printk("reads %d off\n", first(n));
    printk("all of it\n");
}

void writes(int n)
{
    printk("writes %d\n", second(n));
    printk("all of it\n");
}
