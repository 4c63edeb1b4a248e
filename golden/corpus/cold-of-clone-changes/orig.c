/*
 * The cold part that changes alone belongs to a clone (f.constprop.0.cold): the clone has changed.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-g gcc-O2-ldr
 * expect: changed parse.constprop
 */
#include "corpus.h"

static noinline int parse(int n, int unit)
{
    if (unlikely(n < unit)) {
        complain("%d is less than %d\n", n, unit);
        return -22;
    }
    return first(n) + first(unit);
}

int parse_both(int n)
{
    return parse(n, 4) + parse(n + 1, 4);
}
