#include "corpus.h"

static int limit;

void __init setup(int n)
{
    limit = first(n);
}

void set_limit(int n)
{
    limit = n;
}

int serve(int n)
{
    return first(n) + limit;
}
