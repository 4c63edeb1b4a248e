#include "case.h"

static int next(void)
{
    static int count;
    return ++count;
}

int caller(int n)
{
    return next() * n;
}
