#include "corpus.h"

static int limit;

void __init configure(int n);
void __init configure(int n)
{
    limit = first(n + 1);
}

int serve(int n)
{
    return first(n) + limit;
}
