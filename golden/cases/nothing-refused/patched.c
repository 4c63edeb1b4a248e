#include "case.h"

int same(int n)
{
    return n + n + n; /* spelt otherwise */
}
