/*
 * A blank line moves a bug frame and a line number in boot code: they are only reported, so nothing has changed
 * and nothing is lost.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: unchanged
 */
#include "corpus.h"

void __init setup(int n)
{
    if (n < 0)
        BUG();
    if (n > 9)
        printk("%s:%d: out of range\n", __FILE__, __LINE__);
}
