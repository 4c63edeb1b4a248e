/*
 * A table gets one more element: the running hypervisor has laid out memory for the old size, and other code
 * relies on it, so it is refused by name.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-ldr clang-O2 clang-Os-one
 * expect: refused XS302 table
 */
#include "corpus.h"

int table[8];

int serve(int n)
{
    return first(n) + table[n];
}
