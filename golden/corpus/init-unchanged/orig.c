/*
 * Boot code and boot data stand beside a function that changes, and a string that they share moves: they have not
 * changed, so nothing is lost.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

static int limit;
static int __initdata levels[] = { 1, 2, 3 };

int serve(int n)
{
    return first(n) + limit;
}

void __init setup(int n)
{
    limit = levels[n]++;
    printk("limit is %d\n", n);
}
