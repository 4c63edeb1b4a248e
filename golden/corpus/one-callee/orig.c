/*
 * One call goes to another function, which only a relocation says: the function has changed, its neighbours have
 * not.
 *
 * variants: gcc-O2 gcc-Os-one clang-O2 clang-Os-one clang-O3-ldr
 * expect: changed serve
 */
#include "corpus.h"

int early(int n)
{
    return first(n) + second(n);
}

int serve(int n)
{
    return first(n) + 4;
}
