/*
 * A function gets a warning whose frame holds the name of the file, as that of a later one does: the string moves
 * to the section of the first, and the later one has not changed.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-ldr clang-O2 clang-Os
 * expect: changed reads
 */
#include "corpus.h"

void reads(int n)
{
    if (n < 0) return;
    use(&n);
}

void writes(int n)
{
    if (n < 0)
        WARN();
    printk("writes %d\n", second(n));
}
