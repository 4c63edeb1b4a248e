/*
 * A function becomes a clone, and its cold part that of the clone (f.cold, f.isra.0.cold): the clone is the function and
 * has changed, with its cold part and all who call it.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-ldr
 * expect: changed total sum.isra
 */
#include "corpus.h"

struct range { int from, to; };

static noinline int sum(const struct range *range, int n)
{
    use(range);
    if (unlikely(range->to < n)) {
        complain("%d is behind %d\n", n, range->to);
        return -22;
    }
    return first(range->to) + n;
}

int total(const struct range *range)
{
    return sum(range, 1) + sum(range + 1, 2);
}

int other(int n)
{
    if (unlikely(n < 4)) {
        complain("%d is less\n", n);
        return -22;
    }
    return second(n);
}
