/*
 * A blank line moves a line number that is the eighth argument of a printk, so that it goes over the stack: it is
 * only reported, so nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf clang-O2 clang-Os-one
 * expect: unchanged
 */
#include "corpus.h"

void serve(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s at %s:%d\n", a, b, c, d, __func__, __FILE__, __LINE__);
    use(&a);
}
