#include "corpus.h"

static inline __attribute__((always_inline)) void tell(int n)
{
    printk("%s: %d\n", __func__, n);
}

void serve(int n)
{
    tell(first(n));
}

void other(int n)
{
    printk("%s: %d\n", __func__, second(n));
}
