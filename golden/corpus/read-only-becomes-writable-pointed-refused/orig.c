/*
 * A constant table becomes a variable to which another variable points: the one that runs goes on pointing to the
 * constant, where nothing can be written, so it is refused by name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-nopic clang-O2 clang-Os-one
 * expect: refused XS309 table
 */
#include "corpus.h"

static const int table[] = { 1, 2, 3, 4 };
const int *chosen = table;

int serve(int n)
{
    return first(n) + table[n] + *chosen;
}
