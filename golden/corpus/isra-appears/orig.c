/*
 * Of a structure only one field is read any more, so the compiler makes a clone that gets the field instead of the
 * pointer: the clone is new, the function is gone, and who called the one calls the other.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-Os
 * expect: changed total; new sum.isra; removed sum
 */
#include "corpus.h"

struct range { int from, to; };

static noinline int sum(const struct range *range, int n)
{
    use(range);
    return first(range->to) + n;
}

int total(const struct range *range)
{
    return sum(range, 1) + sum(range + 1, 2);
}
