/*
 * One instruction becomes another of the same length: the function has changed, its neighbours have not.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int early(int n)
{
    return first(n) + second(n);
}

int serve(int n)
{
    int m = first(n);

    return m & second(n);
}

int last(int n)
{
    return first(n) * second(n);
}
