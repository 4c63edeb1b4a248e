/*
 * A function moves to a section of its own and changes there: it is found by its name, so it has changed and is
 * not new.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed helper
 */
#include "corpus.h"

noinline int helper(int n)
{
    return first(n) + 4;
}

int serve(int n)
{
    return helper(n) * 2;
}
