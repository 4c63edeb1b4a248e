/*
 * One call goes to another static function of the same section, which the assembler resolved itself: only a
 * distance tells, and the function has changed.
 *
 * variants: gcc-O2-one gcc-Os-one gcc-O3-one clang-Os-one clang-O3
 * flags(gcc*): -fno-toplevel-reorder
 * expect: changed serve
 */
#include "corpus.h"

static noinline int reads(int n)
{
    return first(n) + 4;
}

static noinline int writes(int n)
{
    return second(n) + 4;
}

int serve(int n)
{
    return reads(n) * 2;
}

int both(int n)
{
    return reads(n) + writes(n);
}
