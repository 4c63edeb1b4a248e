#include "case.h"
/* Nothing here changes. */
int limit(int n)
{
    return n > 100 ? 100 : n;
}

int bystander(int n)
{
    lock();
    return n << 1;
}
