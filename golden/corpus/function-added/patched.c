#include "corpus.h"

static int turns = 4;

static noinline int helper(int n)
{
    printk("turn %d\n", turns++);
    return first(n) + 4;
}

int serve(int n)
{
    return helper(n) * 2;
}

int last(int n)
{
    printk("last %d\n", n);
    return first(n);
}
