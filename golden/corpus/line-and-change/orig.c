/*
 * A function moves by a line and changes as well: it has changed, and the one behind it, which only moved, has
 * not.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int serve(int n)
{
    if (n < 0) {
        printk("negative in %s:%d\n", __FILE__, __LINE__);
        WARN();
    }
    return first(n);
}

void last(int n)
{
    if (n > 4) {
        printk("large in %s:%d\n", __FILE__, __LINE__);
        WARN();
    }
    use(&n);
}
