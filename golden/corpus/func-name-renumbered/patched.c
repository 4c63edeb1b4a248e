#include "corpus.h"

void extra(int n)
{
    printk("%s: %d more\n", __func__, first(n));
}

void reads(int n)
{
    printk("%s: %d\n", __func__, first(n));
}

void writes(int n)
{
    printk("%s: %d\n", __func__, second(n));
}
