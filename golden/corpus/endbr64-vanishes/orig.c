/*
 * A function is no longer called through a pointer, so it does not begin with endbr64 any more: it has changed,
 * and those that were the same have not.
 *
 * variants: gcc-O2-cf gcc-Os-one-cf gcc-O3-cf-g clang-O2-cf clang-Os-one-cf
 * expect: changed serve
 */
#include "corpus.h"

int serve(int n)
{
    return first(n) + 4;
}

int last(int n)
{
    return first(n) + 5;
}
