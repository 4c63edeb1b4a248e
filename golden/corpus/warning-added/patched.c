#include "corpus.h"

void reads(int n)
{
    if (n < 0) WARN();
    use(&n);
}

void writes(int n)
{
    if (n < 0)
        WARN();
    printk("writes %d\n", second(n));
}
