#include "case.h"

int limit = 8;
int zero = 1;
const char *greeting = "good day";
const int weights[3] = { 1, 2, 5 };

int check(int n)
{
    static int seen = 10;
    return n + ++seen < limit + zero + weights[n & 1] ? printk("%s\n", greeting) : 0;
}
