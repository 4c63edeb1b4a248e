/*
 * Two functions with strings change places in the source, so every string has another place and number: each
 * function still says what it said.
 *
 * variants: gcc-O2 gcc-O2-nopic clang-O2 clang-Os-one clang-O3-nopic
 * flags(gcc*): -fno-toplevel-reorder
 * expect: unchanged
 */
#include "corpus.h"

void reads(int n)
{
    printk("reads %d\n", first(n));
    printk("all of it\n");
}

void writes(int n)
{
    printk("writes %d\n", second(n));
    printk("all of it\n");
}
