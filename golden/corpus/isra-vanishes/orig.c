/*
 * The pointer to a structure is needed again: the clone that got a field instead of it is gone, the function is
 * new, and who called the one calls the other.
 *
 * variants: gcc-O2 gcc-O3-one gcc-Os-cf
 * expect: changed total; new sum; removed sum.isra
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
