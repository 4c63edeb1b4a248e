/* flags: -g -O3 -funroll-loops */
#include "case.h"

int sum(const int *numbers, int count)
{
    int total = 0;
    for (int k = 0; k < count; k++)
        total += numbers[k];
    return total;
}
