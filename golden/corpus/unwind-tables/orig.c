/*
 * One side has unwind tables (.eh_frame), which a hypervisor discards when it is linked: nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one-g gcc-O3-cf clang-O2 clang-Os-one
 * patched-flags: -fasynchronous-unwind-tables
 * expect: unchanged
 */
#include "corpus.h"

int serve(int n)
{
    printk("%d\n", n);
    return first(n) + second(n);
}

int last(int n)
{
    return second(n) * 3;
}
