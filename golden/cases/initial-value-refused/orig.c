#include "case.h"

int limit = 4;
int zero;
const char *greeting = "hello";
const int weights[3] = { 1, 2, 3 };

int check(int n)
{
    static int seen;
    return n + ++seen < limit + zero + weights[n & 1] ? printk("%s\n", greeting) : 0;
}
