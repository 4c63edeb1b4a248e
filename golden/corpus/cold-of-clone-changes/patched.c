#include "corpus.h"

static noinline int parse(int n, int unit)
{
    if (unlikely(n < unit)) {
        complain("%d is less than a %d\n", n, unit);
        return -22;
    }
    return first(n) + first(unit);
}

int parse_both(int n)
{
    return parse(n, 4) + parse(n + 1, 4);
}
