#include "corpus.h"

struct range { int from, to; };

static noinline int sum(const struct range *range, int n)
{
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
