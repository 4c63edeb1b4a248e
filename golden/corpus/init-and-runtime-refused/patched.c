#include "corpus.h"

static int limit;

void __init setup(int n)
{
    limit = n < 100 ? n : 100;
}

int serve(int n)
{
    return n < limit ? first(n) : 0;
}

int last(int n)
{
    return second(n) + limit;
}
