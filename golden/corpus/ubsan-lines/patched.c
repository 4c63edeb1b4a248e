#include "corpus.h"


int scaled(int n, int by)
{
    return n * by;
}

int shifted(const int *table, unsigned int n)
{
    return table[n] << n;
}
