/*
 * A constant table becomes a variable: the one that runs is read-only and cannot follow, so a new one comes along,
 * with every function that reads it.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: changed serve; carried table
 */
#include "corpus.h"

const int table[] = { 1, 2, 3, 4 };

int serve(int n)
{
    return first(n) + table[n];
}
