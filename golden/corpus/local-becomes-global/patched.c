#include "corpus.h"

int limit = 4;

noinline int helper(int n)
{
    return second(n) + limit++;
}

int serve(int n)
{
    return helper(n) * limit;
}
