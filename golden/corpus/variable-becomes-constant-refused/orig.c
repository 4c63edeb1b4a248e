/*
 * A variable becomes a constant: in the running hypervisor it may have another value by now, which the constant
 * would hide, so it is refused by name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-nopic clang-O2 clang-Os-one
 * expect: refused XS309 table
 */
#include "corpus.h"

int table[] = { 1, 2, 3, 4 };

int serve(int n)
{
    return first(n) + table[n];
}
