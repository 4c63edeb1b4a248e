/*
 * A blank line moves the line numbers in the tables that a sanitizer keeps about each check: they are only
 * reported, so nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one clang-O2 clang-Os-one
 * flags: -fsanitize=undefined
 * expect: unchanged
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
