#include "corpus.h"

static int limit;

static noinline void configure(int n)
{
    limit = first(n);
}

void __init setup(int n)
{
    configure(n);
    limit++;
}

int serve(int n)
{
    configure(n);
    return first(n) + limit;
}
