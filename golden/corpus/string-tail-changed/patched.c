#include "corpus.h"

void reads(int n)
{
    printk(&"not found"[3]);
}

void writes(int n)
{
    printk("not found");
}
