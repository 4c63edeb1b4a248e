/*
 * The end of an array is the end of its section as well, and then another variable comes behind it: the end is
 * still that of the array.
 *
 * variants: gcc-O2-one gcc-Os-one gcc-O2-nopic-one clang-O2-one clang-Os-one-nopic
 * flags(gcc*): -fno-toplevel-reorder
 * expect: changed raise; new extra
 */
#include "corpus.h"

static int table[40] = { 1, 2, 3 };

int serve(int n)
{
    int *entry;

    for (entry = table; entry < table + 40; entry++)
        n += first(*entry);
    use(table + 40);
    return n;
}

void raise(int n)
{
    table[n]++;
}
