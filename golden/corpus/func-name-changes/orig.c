/*
 * The name string of a function (__func__) in an inlined helper is another one now, as the helper was renamed: who
 * tells it has changed.
 *
 * variants: gcc-O2 gcc-Os gcc-O3-one clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

static inline __attribute__((always_inline)) void told(int n)
{
    printk("%s: %d\n", __func__, n);
}

void serve(int n)
{
    told(first(n));
}

void other(int n)
{
    printk("%s: %d\n", __func__, second(n));
}
