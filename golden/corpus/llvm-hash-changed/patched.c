#include "corpus.h"

noinline int helper(int n)
{
    return first(n) + 5;
}

noinline int other(int n)
{
    return second(n);
}

int serve(int n)
{
    return helper(n) * other(n);
}
