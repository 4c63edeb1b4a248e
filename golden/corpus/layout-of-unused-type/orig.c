/*
 * A structure grows that none of the changed functions uses, and the debug sections tell: no payload code touches
 * one, so only the changed function counts.
 *
 * variants: gcc-O2-g gcc-Os-g-one clang-O2-g clang-Os-g-one
 * expect: changed serve
 */
#include "corpus.h"

struct unit {
    int limit;
    int size;
};

struct other {
    int limit;
    long turns;
};

int serve(const struct other *other, int n)
{
    return first(n) + other->limit;
}

int last(const struct unit *unit, int n)
{
    return second(n) + unit->limit;
}
