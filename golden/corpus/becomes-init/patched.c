#include "corpus.h"

static int limit;

void __init configure(int n);
void __init configure(int n)
{
    limit = first(n);
}

int serve(int n)
{
    return first(n) + limit;
}
