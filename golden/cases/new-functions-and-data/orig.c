#include "case.h"

int total;

void count(int n)
{
    total += n;
}
