/*
 * Functions begin behind 16 bytes of padding that belong to them, with tables of where these are: one function
 * changes, and only that.
 *
 * variants: gcc-O2 gcc-Os-one clang-O2 clang-Os-one clang-O2-cf
 * flags: -fpatchable-function-entry=16,16
 * expect: changed serve
 */
#include "corpus.h"

int other(int n)
{
    return second(n);
}

int serve(int n)
{
    return first(n) + 4;
}

int last(int n)
{
    return first(n) + second(n);
}
