/*
 * A common symbol gets larger: the running hypervisor has laid out memory for the old size, so it is refused like
 * any object.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * flags: -fcommon
 * expect: refused XS302 table
 */
#include "corpus.h"

long table[8];

long serve(int n)
{
    return first(n) + table[n];
}
