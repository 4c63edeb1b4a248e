/*
 * A variable comes along with the function that uses it, with an initial value and without: both are new, and that
 * is no change of existing data.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: changed serve; new turns total
 */
#include "corpus.h"

static int limit = 5;

int serve(int n)
{
    return first(n) + limit++;
}

int last(int n)
{
    return second(n) + limit++;
}
