/*
 * One immediate changes, by a single bit: the function has changed, its neighbours have not.
 *
 * variants: gcc-O2 gcc-O2-nopic clang-O2 clang-Os-one clang-O3-ldr
 * expect: changed serve
 */
#include "corpus.h"

int early(int n)
{
    return first(n) + 0x10000;
}

int serve(int n)
{
    return first(n) + 0x10000;
}
