#include "corpus.h"

static int seen = 9;

static noinline int helper(int n)
{
    return second(n) + seen++;
}

int serve_too(int n)
{
    return helper(n) * 3;
}
