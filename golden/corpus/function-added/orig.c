/*
 * A static function is added with its call, a variable and a string: the caller has changed, what is added is new,
 * what stands behind it has not changed.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed serve; new helper turns
 */
#include "corpus.h"

int serve(int n)
{
    return second(n);
}

int last(int n)
{
    printk("last %d\n", n);
    return first(n);
}
