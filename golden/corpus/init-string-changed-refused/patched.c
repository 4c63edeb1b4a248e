#include "corpus.h"

void __init setup(int n)
{
    printk("limits are %d\n", n);
}

int serve(int n)
{
    return first(n);
}
