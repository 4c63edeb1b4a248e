/*
 * Code addresses an array from before its start (indices from one), which is inside the variable before it: a
 * variable comes between them, and the array is still the one that is meant.
 *
 * variants: gcc-O2 gcc-Os gcc-O3 clang-O2 clang-Os-nopic
 * flags: -Wno-array-bounds
 * expect: changed raise; new extra
 */
#include "corpus.h"

static int before[4] = { 11, 12, 13 };
static int table[40] = { 1, 2, 3 };

int serve(int n)
{
    use(&table[-1]);
    return table[n - 1] + before[n - 2];
}

void raise(int n)
{
    before[n]++;
    table[n]++;
}
