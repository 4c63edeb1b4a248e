#include "case.h"
/* A function's own constants are part of it: numbers, and pointers to strings. */

int weight(int n)
{
    static const int weights[4] = { 1, 2, 4, 8 };
    return weights[n & 3];
}

void name(int n)
{
    static const char *const names[3] = { "one", "two", "three" };
    printk("%s\n", names[n % 3]);
}

int untouched(int n)
{
    static const int weights[4] = { 9, 9, 9, 8 };
    return weights[n & 3];
}
