#include "corpus.h"

struct unit {
    int size;
    int limit;
};

static struct unit *units;

int serve(int n)
{
    return first(n) + units[n].size;
}

void last(void *all)
{
    units = all;
}
