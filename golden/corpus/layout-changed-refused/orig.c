/*
 * A structure grows in the middle, which the debug sections tell: live ones keep the old layout, so the functions
 * that use it would read past and beside them, and this is refused.
 *
 * variants: gcc-O2-g gcc-Os-g-one clang-O2-g clang-Os-g-one
 * expect: refused
 */
#include "corpus.h"

struct unit {
    int size;
    int limit;
    struct unit *next;
};

int serve(const struct unit *unit, int n)
{
    return first(n) + unit->limit;
}

int last(const struct unit *unit, int n)
{
    while (unit->next)
        unit = unit->next;
    return second(n);
}
