/*
 * A function that nobody called through a pointer now may be, so it begins with endbr64: it has changed, and so
 * has nothing else.
 *
 * variants: gcc-O2-cf gcc-Os-one-cf gcc-O3-cf clang-O2-cf clang-Os-one-cf
 * expect: changed serve
 */
#include "corpus.h"

__attribute__((nocf_check)) int serve(int n)
{
    return first(n) + 4;
}

int last(int n)
{
    return first(n) + 5;
}
