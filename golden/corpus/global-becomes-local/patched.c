#include "corpus.h"

static int limit = 4;

static noinline int helper(int n)
{
    return first(n) + limit++;
}

int serve(int n)
{
    return helper(n) * limit;
}
