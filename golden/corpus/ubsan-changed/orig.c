/*
 * A function changes under a sanitizer, whose tables are numbered anew for all that follow: the function alone has
 * changed, and the tables are no data whose initial value could be lost.
 *
 * variants: gcc-O2 gcc-Os-one clang-O2 clang-Os-one
 * flags: -fsanitize=undefined
 * expect: changed scaled
 */
#include "corpus.h"

int scaled(int n, int by)
{
    return n * by;
}

int shifted(const int *table, unsigned int n)
{
    return table[n] << n;
}
