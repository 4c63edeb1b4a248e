/*
 * A static function gets another name: the one is gone, the other is new, and the caller calls another function
 * now.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed serve; new assist; removed helper
 */
#include "corpus.h"

static noinline int helper(int n)
{
    return first(n) + 4;
}

int serve(int n)
{
    return helper(n) * 2;
}
