/*
 * One side was compiled for size, the other for speed: the functions that come out another way have changed, and
 * neither data nor strings are lost or new.
 *
 * variants: gcc-O2 gcc-O2-one clang-O2 clang-O2-one
 * patched-flags: -Os
 * expect: changed serve
 */
#include "corpus.h"

static int turns = 4;

int serve(int n)
{
    int k, sum = 0;

    for (k = 0; k < n; k++)
        sum += first(k) * 24 + turns++;
    printk("%d turns\n", turns);
    return sum;
}

void last(void)
{
    asm volatile("hlt");
}
