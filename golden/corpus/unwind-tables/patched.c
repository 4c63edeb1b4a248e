#include "corpus.h"

int serve(int n)
{
    printk("%d\n", n);
    return first(n) + second(n);
}

int last(int n)
{
    return second(n) * 3;
}
