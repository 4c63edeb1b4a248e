#include "corpus.h"

static int limit;
static int __initdata levels[] = { 1, 2, 4 };

void __init setup(int n)
{
    limit = levels[n]++;
}

int serve(int n)
{
    return first(n) + limit;
}
