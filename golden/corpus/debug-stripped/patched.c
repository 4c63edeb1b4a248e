#include "corpus.h"

static int turns;

int serve(int n)
{
    printk("turn %d\n", turns++);
    return first(n);
}
