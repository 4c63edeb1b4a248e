/*
 * One side has no .comment section, in which compilers leave their version: it is not loaded, and nothing has
 * changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf clang-O2 clang-Os-one
 * patched-flags: -fno-ident
 * expect: unchanged
 */
#include "corpus.h"

int serve(int n)
{
    printk("%d\n", n);
    return first(n);
}
