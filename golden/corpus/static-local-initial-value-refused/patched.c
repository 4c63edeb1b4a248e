#include "corpus.h"

int check(int n)
{
    static int left = 4;

    if (left > 0 && left--)
        printk("%d is seen\n", n);
    return first(n);
}
