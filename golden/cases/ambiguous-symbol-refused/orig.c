#include "case.h"

static int state;

static noinline int helper(int n)
{
    return state + n;
}

int caller(int n)
{
    state++;
    return helper(n);
}
