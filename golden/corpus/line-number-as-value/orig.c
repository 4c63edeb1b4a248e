/*
 * A blank line moves line numbers that one function adds and another passes on to a function with nothing beside
 * it, neither a file nor a text: they are values, not reports, so both have changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf clang-O2 clang-Os-one
 * expect: changed adds passes
 */
#include "corpus.h"

int adds(int n)
{
    return first(n) + __LINE__;
}

int passes(int n)
{
    return second(__LINE__) * n;
}

int last(int n)
{
    return first(n) * 4;
}
