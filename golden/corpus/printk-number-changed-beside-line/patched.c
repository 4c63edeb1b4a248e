#include "corpus.h"


int serve(int n)
{
    printk("at most %d of %d\n", 41, n);
    if (n < 0)
        WARN();
    return first(n);
}

int last(int n)
{
    if (n < 0)
        WARN();
    return second(n);
}
