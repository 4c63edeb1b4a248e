#include "corpus.h"

void reads(int n)
{
    printk("found");
}
