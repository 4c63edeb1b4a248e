#include "corpus.h"

static int helper(int n);

noinline int early(int n)
{
    return helper(n) * 2;
}

static noinline int helper(int n)
{
    return first(n) + 4;
}

int serve(int n)
{
    return early(n) + helper(n);
}
