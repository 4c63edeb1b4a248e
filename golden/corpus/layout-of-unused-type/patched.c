#include "corpus.h"

struct unit {
    int limit;
    int size;
    int share;
};

struct other {
    int limit;
    long turns;
};

int serve(const struct other *other, int n)
{
    return second(n) + other->limit;
}

int last(const struct unit *unit, int n)
{
    return second(n) + unit->limit;
}
