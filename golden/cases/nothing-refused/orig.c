#include "case.h"

int same(int n)
{
    return n * 3;
}
