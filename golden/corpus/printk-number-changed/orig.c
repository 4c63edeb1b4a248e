/*
 * A number that printk tells, in the place where others tell a line, changes without any line having moved: it is
 * a number like any other, and the function has changed.
 *
 * variants: gcc-O2 gcc-Os-one-g gcc-O3-cf clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int serve(int n)
{
    printk("%s allows %d\n", "serve", 40);
    return first(n);
}
