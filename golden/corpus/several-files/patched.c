#include "corpus.h"

static int seen = 4;

static noinline int helper(int n)
{
    return first(n) + seen++;
}

int serve(int n)
{
    return helper(n) * 2;
}
