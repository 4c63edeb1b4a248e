#include "corpus.h"

static int limit;

void __init setup(int n)
{
    limit = second(n);
}

int serve(int n)
{
    return first(n) + limit;
}
