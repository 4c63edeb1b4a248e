#include "corpus.h"

int serve(int n)
{
    printk("%d\n", n);
    return first(n);
}
