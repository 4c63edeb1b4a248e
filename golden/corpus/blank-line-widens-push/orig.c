/*
 * A blank line moves a line number from 127 to 128, and it goes over the stack: the instruction that pushes it gets
 * longer, and all behind it moves. Only lines that keep the width of their field are told from other numbers, so this
 * counts as a change, which is too much and loses nothing. The neighbour's number goes from 128 to 129.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

#line 122
void serve(int a, int b, int c, int d)
{
    use(&a);
    use(&b);

    printk("%d %d %d %d in %s at %s:%d\n", a, b, c, d, __func__, __FILE__, __LINE__);
}

void neighbour(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s at %s:%d\n", d, c, b, a, __func__, __FILE__, __LINE__);
}
