#include "case.h"

int in_b(int n)
{
    return n * 37 - 5;
}
