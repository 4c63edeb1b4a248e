#include "corpus.h"

int scaled(int n, int by)
{
    return n * by + n;
}

int shifted(const int *table, unsigned int n)
{
    return table[n] << n;
}
