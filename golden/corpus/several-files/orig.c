/*
 * An object combined of two files holds two functions and two variables of one name, local to their files: the one
 * that changes is found, and the other is not taken for it.
 *
 * variants: gcc-O2 gcc-Os-g gcc-O3-one clang-O2 clang-Os-cf
 * expect: changed helper
 */
#include "corpus.h"

static int seen = 4;

static noinline int helper(int n)
{
    return first(n) + seen++;
}

int serve(int n)
{
    return helper(n) * 2;
}
