#include "corpus.h"

static int limit = 4;
static int turns;

static noinline int helper(int n)
{
    return first(n) + limit++;
}

int early(int n)
{
    return turns++ + 3;
}

int serve(int n)
{
    printk("serve %d\n", n);
    return helper(n) + turns++;
}

int late(int n)
{
    printk("late %d\n", n);
    return helper(n) * limit;
}
