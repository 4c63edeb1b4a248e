#include "corpus.h"

struct unit {
    int size;
    int limit;
    int turns;
};

int serve(struct unit *unit, int n)
{
    unit->turns++;
    return first(n) + unit->limit;
}
