#include "corpus.h"

static int limit = 4;
static int turns = 9;

static noinline int helper(int n)
{
    return first(n) + limit++;
}

static noinline int counter(int n)
{
    return second(n) + turns++;
}

int early(int n)
{
    return counter(n) + 3;
}

int serve(int n)
{
    printk("serve %d\n", n);
    return helper(n) + counter(n);
}

int late(int n)
{
    return helper(n) * counter(n);
}
