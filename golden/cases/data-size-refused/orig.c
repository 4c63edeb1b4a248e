#include "case.h"

int table[4] = { 1, 2, 3, 4 };

int look_up(int n)
{
    static char cache[8];
    return cache[n & 7]++ ? 0 : table[n & 3];
}
