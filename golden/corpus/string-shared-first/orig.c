/*
 * A function in front of another starts to say the same as that one: the one string moves to the section of its
 * first user, and the other function still says what it said.
 *
 * variants: gcc-O2 gcc-Os-cf gcc-O2-ldr clang-O2 clang-Os
 * expect: changed reads
 */
#include "corpus.h"

void reads(int n)
{
    use(&n);
}

void writes(int n)
{
    printk("not possible\n");
    printk("writes %d\n", second(n));
}
