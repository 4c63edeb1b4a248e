/*
 * A structure grows in the middle, and no debug sections tell: the functions have changed, as their code has, and
 * that is all that can be known.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf clang-O2 clang-Os-one
 * expect: changed serve last
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
    while (unit->limit)
        unit++;
    return second(n);
}
