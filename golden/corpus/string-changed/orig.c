/*
 * One letter of one string changes, in a section that two functions share: only the one that says it has changed.
 *
 * variants: gcc-O2-one gcc-O3-nopic-one-retp clang-O2 clang-Os-one-nopic clang-O3-cf-retp
 * expect: changed reads
 */
#include "corpus.h"

void reads(int n)
{
    printk("reads %d of\n", first(n));
    printk("all of it\n");
}

void writes(int n)
{
    printk("writes %d\n", second(n));
    printk("all of it\n");
}
