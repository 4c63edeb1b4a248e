/* A function was one object's own; now another calls it. It is the one that the hypervisor has. */
#include "case.h"

static noinline int helper(int n)
{
    return n + (int)now();
}

int in_a(int n)
{
    return helper(n) * 2;
}
