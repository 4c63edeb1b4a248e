#include "corpus.h"

static int limit;

void set_limit(int n)
{
    limit = n;
}

int serve(int n)
{
    return first(n) + limit;
}
