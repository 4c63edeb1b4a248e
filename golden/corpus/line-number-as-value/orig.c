/*
 * A blank line moves a line number with which a function computes: it is no longer what it was, and nobody only
 * reports it, so the function has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int serve(int n)
{
    return first(n) * __LINE__;
}

int last(int n)
{
    return first(n) * 4;
}
