#include "corpus.h"

void serve(int n)
{
    printk("serves %d\n", n);
    printk("a text that is long enough to be aligned by a compiler: %d\n", n);
}

void serve_too(int n)
{
    printk("serves %d\n", n + 1);
}
