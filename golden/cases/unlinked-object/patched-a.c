#include "case.h"

int in_a(int n)
{
    return n * 37 - 5 + 1;
}
