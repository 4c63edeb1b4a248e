/*
 * A table with values loses its last element: the running hypervisor has the old size, and code that runs may
 * still use all of it.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: refused XS302 table
 */
#include "corpus.h"

int table[] = { 1, 2, 3, 4 };

int serve(int n)
{
    return first(n) + table[n];
}
