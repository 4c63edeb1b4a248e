/*
 * A pointer into the middle of a string moves by one character: the function says something else.
 *
 * variants: gcc-O2 gcc-O3-nopic gcc-O2-one-ldr clang-O2 clang-Os-nopic
 * expect: changed reads
 */
#include "corpus.h"

void reads(int n)
{
    printk(&"not found"[4]);
}

void writes(int n)
{
    printk("not found");
}
