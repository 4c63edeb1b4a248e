#include "case.h"

int untouched(int x)
{
    ASSERT(x != 17);
    return x + 1;
}

int changed(int x, int y)
{
    ASSERT(x > 0);
    ASSERT(y > 0);
    return x * y;
}
