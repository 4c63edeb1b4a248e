#include "corpus.h"

int turns;
long table[8];

int serve(int n)
{
    turns++;
    return first(n) + table[n];
}
