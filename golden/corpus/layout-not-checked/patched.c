#include "corpus.h"

struct unit {
    int size;
    int share;
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
