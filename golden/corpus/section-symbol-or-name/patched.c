#include "corpus.h"

int limit = 4;
long table[8] = { 1, 2, 3 };

noinline long helper(int n)
{
    return first(n) + limit++;
}

long (*chosen)(int n) = helper;

long serve(int n)
{
    table[3] = 5;
    use(&table[2]);
    return helper(n) + table[n]++;
}
