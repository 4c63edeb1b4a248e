#include "corpus.h"

static int limit;

__attribute__((constructor)) static void setup(void)
{
    limit = first(4);
}

void set_limit(int n)
{
    limit = n;
}

int serve(int n)
{
    return first(n) + limit;
}
