#include "corpus.h"


void __init setup(int n)
{
    if (n < 0)
        BUG();
    if (n > 9)
        printk("%s:%d: out of range\n", __FILE__, __LINE__);
}
