/*
 * A constant table becomes a variable: code that runs reads the table where it is, so what is written to the new
 * one would not be seen, and it is refused by name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: refused XS301 table
 */
#include "corpus.h"

const int table[] = { 1, 2, 3, 4 };

int serve(int n)
{
    return first(n) + table[n];
}
