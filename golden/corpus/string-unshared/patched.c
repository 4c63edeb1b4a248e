#include "corpus.h"

void reads(int n)
{
    use(&n);
}

void writes(int n)
{
    printk("not possible\n");
    printk("writes %d\n", second(n));
}
