#include "case.h"

extern int helper(int n);

int in_b(int n)
{
    return n > 3 ? helper(n) : n * 37 - 5;
}
