#include "corpus.h"

static noinline int helper(int n)
{
    return first(n) * 3;
}

int serve(int n)
{
    return helper(n) + 4;
}

int last(int n)
{
    return helper(n) + 5;
}
