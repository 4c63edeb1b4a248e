#include "case.h"
/* Nothing here changes. */
int limit(int n)
{
    return n > 99 ? 99 : n;
}

int bystander(int n)
{
    lock();
    return n << 2;
}
