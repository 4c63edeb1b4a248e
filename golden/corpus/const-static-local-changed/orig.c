/*
 * One value changes of a constant table that a function has for itself, beside another function with a table of
 * that name: the one has changed, the other has not.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int serve(int n)
{
    static const int weights[] = { 3, 1, 4, 1, 5, 9 };

    return first(n) + weights[n];
}

int last(int n)
{
    static const int weights[] = { 2, 7, 1, 8, 2, 8 };

    return second(n) + weights[n];
}
