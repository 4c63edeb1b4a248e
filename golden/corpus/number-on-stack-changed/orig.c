/*
 * A number changes by one, as a line does: it goes over the stack to a printk whose format does not call it a line, or
 * to one where no source file is named before it, or it is stored beside a line. That is a change, and a line is none.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf clang-O2 clang-Os-one
 * expect: changed limits named stored
 */
#include "corpus.h"

int last;

void limits(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s, %s has %d\n", a, b, c, d, __func__, __FILE__, 20);
    use(&a);
}

void named(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s at %s:%d\n", a, b, c, d, __func__, "domain", 20);
    use(&b);
}

void stored(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s at %s:%d\n", a, b, c, d, __func__, __FILE__, __LINE__);
    last = 20;
    use(&c);
}

void lines(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s at %s:%d\n", a, b, c, d, __func__, __FILE__, __LINE__);
    use(&d);
}
