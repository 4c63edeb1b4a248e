#include "case.h"

int caller(int n)
{
    return n;
}
