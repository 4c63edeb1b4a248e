/* A static function becomes global because another object calls it now: it is the one that the hypervisor has. */
#include "case.h"

noinline int helper(int n)
{
    return n + (int)now();
}

int in_a(int n)
{
    return helper(n) * 2;
}
