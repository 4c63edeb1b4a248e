#include "case.h"

int use(int n)
{
    return n;
}
