/*
 * The pointer to a structure is needed again, and the compiler no longer makes a clone that gets a field instead:
 * the function is what the clone was, and has changed with all who call it.
 *
 * variants: gcc-O2 gcc-O3-one gcc-Os-cf
 * expect: changed total sum
 */
#include "corpus.h"

struct range { int from, to; };

static noinline int sum(const struct range *range, int n)
{
    return first(range->to) + n;
}

int total(const struct range *range)
{
    return sum(range, 1) + sum(range + 1, 2);
}
