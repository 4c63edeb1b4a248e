/* flags: -g -O2 */
#include "case.h"

int sum(const int *numbers, int count)
{
    int total = 0;
    for (int k = 0; k < count; k++)
        total += numbers[k];
    return total;
}
